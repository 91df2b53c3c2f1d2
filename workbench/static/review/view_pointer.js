// What a pointer does on the pages: click a word, draw a box, drag the page, zoom with Ctrl and the wheel.

import { frameOf } from "./view_sheet.js";
import { runOf, wordAt } from "./view_words.js";

const STEADY = 4; // pixels that a hand may move within a click

// `desk` is what the viewer offers: scroll, sheetOf(node), words(), inHand(), zoomBy(factor, x, y).
export function listenToPointer(desk, { onWord, onBox, onPick }, signal) {
  const { scroll } = desk;
  let held = null; // what began with the button: {how, sheet, target, x, y, left, top, moved, band}
  let spaceDown = false;
  let anchor = null; // the last word clicked: {sheet, at}
  let hovered = null;

  function begin(event) {
    if (event.pointerType === "touch" || event.button > 1) return;
    const sheet = desk.sheetOf(event.target);
    const pans = !sheet || !onBox || desk.inHand() || spaceDown || event.button === 1;
    const { scrollLeft: left, scrollTop: top } = scroll;
    held = { how: pans ? "pan" : "draw", sheet, target: event.target, x: event.clientX, y: event.clientY, left, top };
    scroll.setPointerCapture(event.pointerId);
  }

  function move(event) {
    if (!held) return hover(event);
    const [right, down] = [event.clientX - held.x, event.clientY - held.y];
    held.moved ||= Math.hypot(right, down) > STEADY;
    if (!held.moved) return;
    if (held.how === "pan") {
      scroll.classList.add("panning");
      scroll.scrollTo(held.left - right, held.top - down);
    } else {
      held.band ??= held.sheet.draw("band", [0, 0, 0, 0]);
      frameOf(held.band, (held.box = drawn(event)));
    }
  }

  function drawn(event) {
    const [ax, ay] = held.sheet.toPage(held.x, held.y);
    const [bx, by] = held.sheet.toPage(event.clientX, event.clientY);
    const within = (share) => Math.min(1, Math.max(0, share));
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)].map(within);
  }

  function end(event) {
    const done = held;
    held = null;
    scroll.classList.remove("panning");
    done?.band?.remove();
    if (!done || event.type === "pointercancel") return;
    if (done.box) onBox(done.sheet.page.number, done.box);
    else if (!done.moved && done.sheet && event.button === 0) click(done, event);
  }

  async function click({ sheet, target }, event) {
    const input = desk.inputOf(target);
    const fills = event.ctrlKey || event.metaKey || event.shiftKey;
    if (input && !fills && !target.matches(".lit")) return onPick(input);
    if (!onWord) return;
    const words = await desk.words().of(sheet.page.number);
    const at = wordAt(words, sheet.toPage(event.clientX, event.clientY));
    if (at < 0) return;
    const from = event.shiftKey && anchor?.sheet === sheet ? anchor.at : at;
    if (from === at) anchor = { sheet, at };
    const { text, box } = runOf(words, from, at);
    onWord(text, sheet.page.number, box);
  }

  async function hover(event) {
    const sheet = onWord && !desk.inHand() ? desk.sheetOf(event.target) : null;
    const words = sheet ? await desk.words().of(sheet.page.number) : [];
    const word = sheet ? words[wordAt(words, sheet.toPage(event.clientX, event.clientY))] : undefined;
    if (hovered?.word === word) return;
    hovered?.rect.remove();
    hovered = word ? { word, rect: sheet.draw("word", word.box) } : null;
  }

  function wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    desk.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX, event.clientY);
  }

  function keepFocus(event) {
    if (document.activeElement?.matches("input, textarea") || event.button === 1) event.preventDefault();
  }

  const space = (down) => (event) => {
    if (event.code !== "Space" || event.target.matches("input, textarea, button, select")) return;
    spaceDown = down;
    if (event.target === scroll) event.preventDefault();
  };

  const on = (target, kind, act, options = {}) => target.addEventListener(kind, act, { signal, ...options });
  on(scroll, "pointerdown", begin);
  on(scroll, "pointermove", move);
  on(scroll, "pointerup", end);
  on(scroll, "pointercancel", end);
  on(scroll, "pointerleave", (event) => held || hover(event));
  on(scroll, "mousedown", keepFocus); // the field that is filled keeps its focus
  on(scroll, "wheel", wheel, { passive: false });
  on(document, "keydown", space(true));
  on(document, "keyup", space(false));

  return {
    forget() {
      hovered?.rect.remove();
      held = anchor = hovered = null;
    },
  };
}
