// The page viewer: turning, zooming and fitting pages, one or two at a time, and the boxes of the values over them.
//
// One viewer serves a tab for a whole day: `show` changes the document and lets go of the one before.

import { listenToPointer } from "./view_pointer.js";
import { createSheet } from "./view_sheet.js";
import { createStrip } from "./view_strip.js";
import { createWords } from "./view_words.js";

const LEAST = 0.1;
const MOST = 8;
const STEP = 1.25;
const GAP = 10; // pixels around and between pages
const MARGIN = 60; // pixels around a lit box
const PAD = 0.003; // shares around a value's box

// With Alt anywhere, and alone while the page itself has the focus.
export const VIEW_KEYS = {
  PageUp: "previous", PageDown: "next",
  Equal: "in", NumpadAdd: "in", BracketRight: "in", // "+" on German keyboards
  Minus: "out", NumpadSubtract: "out", Slash: "out", // "-" on German keyboards
  Digit0: "fit", Digit9: "fit-page", KeyR: "turn", KeyB: "two-up", KeyP: "strip", KeyH: "hand",
};

export function createViewer(root, { onWord, onBox, onPick = (input) => input.focus() } = {}) {
  const panel = root.querySelector(".viewer");
  const scroll = panel.querySelector("#viewer-scroll");
  const spread = panel.querySelector("#spread");
  const texts = panel.dataset;
  const strip = createStrip(panel.querySelector("#page-strip"), texts, goTo);
  const ending = new AbortController();
  const boxes = new Map(); // input -> {rect, sheet}

  let sheets = [];
  let words = createWords("");
  let next = null; // sheets of the document that comes next: {documentId, sheets}
  let at = 0; // index of the first page that is shown
  let across = 1; // pages side by side
  let fit = "width"; // "width", "page", or nothing once zoomed by hand
  let zoom = 1; // 1: as wide as the view
  let lit = null;

  // Documents

  const sheetsFor = (documentId, pages) => pages.map((page) => createSheet(documentId, page, texts));

  function prepare(documentId, pages) {
    dismiss(next?.sheets ?? []);
    next = { documentId, sheets: sheetsFor(documentId, pages) };
    next.sheets[0]?.load(scroll.clientWidth);
  }

  function show(documentId, pages) {
    dismiss(sheets);
    boxes.clear();
    pointer.forget();
    sheets = next?.documentId === documentId ? next.sheets : sheetsFor(documentId, pages);
    next = null;
    words = createWords(documentId);
    lit = null;
    strip.show(documentId, pages);
    at = 0;
    turnTo(0);
  }

  function dismiss(old) {
    for (const sheet of old) {
      sheet.unload();
      sheet.node.remove();
    }
  }

  // Pages

  const shown = () => sheets.slice(at, at + across);
  const indexOf = (number) => sheets.findIndex((sheet) => sheet.page.number === number);

  function turnTo(index) {
    at = Math.max(0, Math.min(index - (index % across), sheets.length - 1));
    const visible = shown();
    for (const sheet of sheets) {
      if (!visible.includes(sheet)) sheet.unload();
    }
    spread.replaceChildren(...visible.map((sheet) => sheet.node));
    scroll.scrollTo(0, 0);
    say();
    layout();
    sheets[at + across]?.load(scroll.clientWidth); // the next page is there when it is turned to
  }

  function goTo(number) {
    const index = indexOf(number);
    if (index >= 0 && !shown().includes(sheets[index])) turnTo(index);
    return index >= 0;
  }

  function turnPage(step) {
    const index = at + step * across;
    if (index >= 0 && index < sheets.length) turnTo(index);
  }

  function say() {
    const numbers = shown().map((sheet) => sheet.page.number);
    const places = numbers.length === 1 ? shown()[0].page.place : "";
    panel.querySelector("#page-number").value = `${numbers.join("–")} / ${sheets.length}${places}`;
    strip.mark(numbers);
  }

  // Sizes

  function layout() {
    const extents = shown().map((sheet) => sheet.extent());
    if (!extents.length || !scroll.clientWidth) return;
    const wide = (scroll.clientWidth - GAP * (extents.length + 1)) / sum(extents.map(([width]) => width));
    const high = (scroll.clientHeight - 2 * GAP) / Math.max(...extents.map(([, height]) => height));
    if (fit) zoom = fit === "page" ? Math.min(1, high / wide) : 1;
    for (const sheet of shown()) {
      sheet.place(wide * zoom);
      sheet.load();
    }
    panel.querySelector("#zoom").value = `${Math.round(zoom * 100)} %`;
  }

  // Zoom so that the point under the hand stays where it is.
  function zoomBy(factor, x, y) {
    const { node } = shown().find((sheet) => sheet.node.getBoundingClientRect().right >= x) ?? shown().at(-1);
    const before = node.getBoundingClientRect();
    const [right, down] = [(x - before.left) / before.width, (y - before.top) / before.height];
    fit = null;
    zoom = Math.min(MOST, Math.max(LEAST, zoom * factor));
    layout();
    const after = node.getBoundingClientRect();
    scroll.scrollBy(after.left + right * after.width - x, after.top + down * after.height - y);
  }

  function zoomStep(factor) {
    const frame = scroll.getBoundingClientRect();
    zoomBy(factor, frame.left + scroll.clientWidth / 2, frame.top + scroll.clientHeight / 2);
    if (lit) bringIntoView();
  }

  function fitTo(what) {
    fit = what;
    layout();
    if (lit) bringIntoView();
  }

  function rotate(by) {
    for (const sheet of shown()) sheet.turn(by);
    layout();
    if (lit) bringIntoView();
  }

  function setAcross(pages) {
    across = pages;
    pressed("two-up", pages === 2);
    turnTo(lit ? Math.max(0, indexOf(Number(lit.dataset.page))) : at);
    if (lit) bringIntoView();
  }

  // The values' boxes

  function drawBoxes(inputs) {
    for (const { rect } of boxes.values()) rect.remove();
    boxes.clear();
    for (const input of inputs) drawBox(input);
  }

  function drawBox(input) {
    boxes.get(input)?.rect.remove();
    boxes.delete(input);
    const sheet = sheets[indexOf(Number(input.dataset.page))];
    if (!sheet || !input.dataset.box) return;
    const rect = sheet.draw("of-value", boxOf(input), PAD);
    rect.dataset.mark = input.dataset.mark;
    rect.classList.toggle("lit", input === lit);
    boxes.set(input, { rect, sheet });
  }

  const boxOf = (input) => input.dataset.box.split(",").map(Number);

  function light(input) {
    boxes.get(lit)?.rect.classList.remove("lit");
    const box = boxes.get(input);
    lit = box ? input : null;
    if (!box) return;
    goTo(Number(input.dataset.page));
    box.rect.classList.add("lit");
    box.rect.parentNode.append(box.rect); // on top of its neighbours
    bringIntoView();
  }

  function bringIntoView() {
    const { sheet } = boxes.get(lit) ?? {};
    if (!sheet?.node.isConnected) return;
    const [left, top, right, bottom] = sheet.toWindow(boxOf(lit));
    const frame = scroll.getBoundingClientRect();
    const hidden = (from, to, start, length) => from < start + MARGIN || to > start + length - MARGIN;
    const toMiddle = (from, to, start, length) => (from + to - length) / 2 - start;
    scroll.scrollBy(
      hidden(left, right, frame.left, scroll.clientWidth) ? toMiddle(left, right, frame.left, scroll.clientWidth) : 0,
      hidden(top, bottom, frame.top, scroll.clientHeight) ? toMiddle(top, bottom, frame.top, scroll.clientHeight) : 0,
    );
  }

  function mark(input) {
    const box = boxes.get(input);
    if (box) box.rect.dataset.mark = input.dataset.mark;
  }

  // Tools and keys

  const pressed = (name, on) => panel.querySelector(`[data-view="${name}"]`)?.setAttribute("aria-pressed", on);

  function toggleStrip(wanted = !strip.shown) {
    strip.toggle(wanted);
    pressed("strip", wanted);
  }

  function toggleHand() {
    pressed("hand", scroll.classList.toggle("hand"));
  }

  const acts = {
    previous: () => turnPage(-1),
    next: () => turnPage(1),
    in: () => zoomStep(STEP),
    out: () => zoomStep(1 / STEP),
    fit: () => fitTo("width"),
    "fit-page": () => fitTo("page"),
    turn: () => rotate(1),
    "two-up": () => setAcross(across === 1 ? 2 : 1),
    strip: () => toggleStrip(),
    hand: toggleHand,
  };

  panel.querySelector(".viewer-tools").addEventListener(
    "click",
    (event) => acts[event.target.closest("[data-view]")?.dataset.view]?.(),
    { signal: ending.signal },
  );
  scroll.addEventListener(
    "keydown",
    (event) => {
      const act = event.ctrlKey || event.altKey || event.metaKey ? null : acts[VIEW_KEYS[event.code]];
      if (!act) return;
      event.preventDefault();
      act();
    },
    { signal: ending.signal },
  );
  const watch = new ResizeObserver(() => layout());
  watch.observe(scroll);

  const pointer = listenToPointer(
    {
      scroll,
      zoomBy,
      sheetOf: (node) => sheets.find((sheet) => sheet.node === node.closest?.(".sheet")) ?? null,
      inputOf: (node) => [...boxes].find(([, { rect }]) => rect === node)?.[0] ?? null,
      words: () => words,
      inHand: () => scroll.classList.contains("hand"),
    },
    { onWord, onBox, onPick },
    ending.signal,
  );

  function destroy() {
    ending.abort();
    watch.disconnect();
    dismiss([...sheets, ...(next?.sheets ?? [])]);
    sheets = [];
    boxes.clear();
  }

  show(texts.document, JSON.parse(texts.sheets));
  return { show, prepare, destroy, drawBoxes, drawBox, light, mark, act: (name) => acts[name]?.() };
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
