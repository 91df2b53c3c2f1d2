// The fields as a person sees them: what is typed, what is marked, and where the hand is.

import { createGrid, keyOf } from "./grid.js";
import { createSnapshots } from "./snapshot.js";
import { createUndo } from "./undo.js";

const WORST = ["error", "warning"];

export { keyOf };

// `onChange()` follows every change, `onFocus(input)` every move of the hand.
export function createForm(root, viewer, texts, { onChange, onFocus, signal }) {
  let focused = null;

  const inputs = () => [...root.querySelectorAll("#form-body .value")];
  const visible = () => inputs().filter((input) => input.offsetParent !== null);
  const holder = (input) => input.closest(".field, td");
  const remarkOf = (input) => holder(input).querySelector(".remark, .visually-hidden");
  const lineOf = (input) => input.closest("tr");

  const grid = createGrid(root, { focused: () => focused, goTo, put, changed });
  const undo = createUndo(
    () => snapshots.read(),
    (state) => snapshots.write(state),
  );
  const snapshots = createSnapshots(root, grid, placed);

  // What is typed

  function collect() {
    return inputs()
      .filter((input) => input.value !== "" || input.dataset.state !== "present")
      .map((input) => ({ ...valueOf(input), ...placeOf(input.dataset) }));
  }

  function valueOf(input) {
    const { name, table, row, state } = input.dataset;
    const was = lineOf(input)?.dataset.was;
    return { name, table, row: Number(row), was: table && !was ? 0 : Number(was ?? 0), state, text: input.value };
  }

  const placeOf = ({ page, box }) => ({ page: page ? Number(page) : null, box: box ? box.split(",").map(Number) : null });

  function asText() {
    return visible()
      .filter((input) => input.value)
      .map((input) => `${input.getAttribute("aria-label")}: ${input.value}`)
      .join("\n");
  }

  // Put a text into a field; `spot` says where on the page it stands ({page, box, raw}).
  function put(input, text, { page, box, raw } = {}) {
    input.value = text;
    input.dataset.state = "present";
    for (const [name, value] of Object.entries({ page, box: Array.isArray(box) ? box.join(",") : box, raw })) {
      if (value === undefined || value === null) delete input.dataset[name];
      else input.dataset[name] = value;
    }
    input.dataset.seen = "yes";
    placed(input);
  }

  function placed(input) {
    viewer.drawBox(input);
    touched(input);
    if (input === focused) viewer.light(input);
  }

  function touched(input) {
    const { original, was, state } = input.dataset;
    input.toggleAttribute("data-touched", input.value !== original || state !== was);
    input.placeholder = state === "present" ? "" : texts[state];
    refresh(input);
  }

  // A change is done: remember it for undo, and tell who follows. `what` is the field typed in, else null.
  function changed(what) {
    undo.note(what);
    viewer.drawBoxes(inputs());
    count();
    follow();
  }

  function follow() {
    onChange();
    if (focused?.isConnected) onFocus(focused);
  }

  function setState(state) {
    if (!focused) return;
    const wanted = focused.dataset.state === state ? "present" : state;
    put(focused, "");
    focused.dataset.state = wanted;
    touched(focused);
    changed(null);
  }

  function choose(index) {
    const choice = focused && choicesOf(focused)[index];
    if (choice) fill(choice.text, choice);
  }

  // What was clicked, drawn or chosen goes into the focused field.
  function fill(text, spot) {
    if (!focused) return;
    put(focused, text, spot);
    changed(null);
    focused.select();
  }

  function restore() {
    if (!focused) return;
    const { original, was } = focused.dataset;
    focused.value = original;
    focused.dataset.state = was;
    touched(focused);
    changed(null);
  }

  const choicesOf = (input) => JSON.parse(input.dataset.choices ?? "[]");

  function step(direction) {
    const all = visible();
    leave(focused);
    goTo(all[(all.indexOf(focused) + direction + all.length) % all.length]);
  }

  function back(move) {
    if (!move()) return;
    viewer.drawBoxes(inputs());
    count();
    if (!focused?.isConnected) goTo(visible()[0]);
    follow();
  }

  // What is marked

  function applyCheck({ remarks, shown, totals }) {
    for (const input of inputs()) {
      const key = keyOf(input);
      const found = remarks[key] ?? [];
      const worst = WORST.find((each) => found.some((remark) => remark.severity === each)) ?? "";
      const says = found.map((remark) => remark.text).join(" ");
      const text = shown[key];
      if (input !== focused && text !== undefined && input.dataset.state === "present") input.value = text;
      if (worst === input.dataset.found && says === input.dataset.says) continue;
      input.dataset.found = worst;
      input.dataset.says = says;
      refresh(input);
    }
    root.querySelector("#document-remarks").replaceChildren(...(remarks[""] ?? []).map(listItem));
    grid.showTotals(totals);
    count();
    if (focused) onFocus(focused);
  }

  function refresh(input) {
    const doubtful = input.dataset.doubtful === "yes" && input.dataset.seen !== "yes";
    const mark = input.dataset.found || (doubtful ? "doubtful" : "");
    input.dataset.mark = mark;
    holder(input).dataset.mark = mark;
    const remark = remarkOf(input);
    remark.textContent = input.dataset.says || hintOf(input, remark);
    remark.title = input.dataset.says ?? "";
    viewer.mark(input);
  }

  function hintOf(input, remark) {
    if (input.hasAttribute("data-touched")) return texts[input.dataset.state] ?? texts.person;
    if (input.dataset.doubtful === "yes" && input.dataset.seen === "yes") return `${input.dataset.probability} ✓`;
    return remark.dataset.hint ?? "";
  }

  function listItem(remark) {
    const item = document.createElement("li");
    item.dataset.mark = remark.severity;
    item.textContent = remark.text;
    return item;
  }

  const marked = () => visible().filter((input) => input.dataset.mark);

  function count() {
    root.querySelector("#doubtful-count").textContent = marked().length;
  }

  // Where the hand is

  function goTo(input) {
    if (!input) return;
    input.focus();
    input.select();
  }

  function nextDoubtful() {
    const all = visible();
    const from = all.indexOf(focused);
    leave(focused);
    goTo([...all.slice(from + 1), ...all.slice(0, from + 1)].find((input) => input.dataset.mark));
  }

  function leave(input) {
    if (!input) return;
    input.dataset.seen = "yes"; // looked at and moved on from: confirmed
    refresh(input);
    count();
  }

  // Listening

  const listen = (kind, act) => root.addEventListener(kind, act, { signal });

  listen("focusin", ({ target }) => {
    if (!target.matches(".value")) return;
    focused = target;
    undo.pause();
    viewer.light(target);
    onFocus(target);
  });
  listen("input", ({ target }) => {
    if (!target.matches(".value")) return;
    target.dataset.state = "present";
    target.dataset.seen = "yes";
    touched(target);
    undo.note(keyOf(target));
    count();
    follow();
  });
  listen("paste", (event) => {
    if (event.target.matches(".grid .value") && grid.paste(event.clipboardData.getData("text/plain"))) event.preventDefault();
  });
  listen("click", ({ target }) => {
    const act = target.closest("#form-body [data-act]")?.dataset.act;
    if (act === "add-row") grid.add(target.closest(".grid"));
    if (act === "delete-row") grid.remove(target.closest("tr"));
    if (act === "columns") {
      const shown = target.closest(".grid").classList.toggle("all-columns");
      target.setAttribute("aria-pressed", shown);
    }
  });

  function begin() {
    for (const input of inputs()) {
      input.dataset.found = WORST.includes(input.dataset.mark) ? input.dataset.mark : "";
      const remark = remarkOf(input);
      input.dataset.says = remark.title || (remark.matches(".visually-hidden") ? remark.textContent : "");
      if (input.value !== input.dataset.original || input.dataset.state !== input.dataset.was) input.dataset.touched = "";
    }
    focused = null;
    undo.begin();
    viewer.drawBoxes(inputs());
    count();
    goTo(marked()[0] ?? visible()[0]);
  }

  return {
    collect, asText, applyCheck, setState, choose, choicesOf, fill, restore, step, nextDoubtful, begin, listItem, grid,
    undo: () => back(undo.undo),
    redo: () => back(undo.redo),
    get focused() {
      return focused;
    },
  };
}
