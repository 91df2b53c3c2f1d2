// The keyboard: which key does what. The sheet behind "?" lists the same.

import { VIEW_KEYS } from "./viewer.js";

const WITH_ALT = {
  KeyA: "absent", KeyU: "unreadable", ArrowDown: "next-doubtful", KeyT: "type",
  Insert: "add-row", Delete: "delete-row", KeyS: "split-row", KeyM: "merge-rows",
  KeyK: "open-skip", KeyX: "open-reject", KeyQ: "open-ask", KeyE: "open-escalate", KeyN: "open-note", KeyO: "open-pages", KeyI: "instruction",
};
const WITH_CTRL = { Enter: "submit", KeyZ: "undo", KeyY: "redo" };
const CHOICES = /^Digit([1-5])$/;

// Calls `run(act)` for a key that means something here; `view(name)`, `choose(index)` and `arrow(event)` likewise.
export function listenToKeys({ run, view, choose, step, restore, arrow }, signal) {
  function actOf(event) {
    const { code, key, target } = event;
    const inField = target.matches(".value");
    if (event.ctrlKey || event.metaKey) return withCtrl(event);
    if (event.altKey) return withAlt(code);
    if (key === "F2") return () => run("next-doubtful");
    if (key === "F1" || (key === "?" && !target.matches("input, textarea"))) return () => run("open-help");
    if (inField && key === "Enter") return () => step(event.shiftKey ? -1 : 1);
    if (inField && key === "Escape") return restore;
    return null;
  }

  function withCtrl({ key, code, shiftKey, target }) {
    if (key !== "Enter" && target.matches("textarea")) return null;
    const act = shiftKey && code === "KeyZ" ? "redo" : (WITH_CTRL[key] ?? WITH_CTRL[code]);
    return act ? () => run(act) : null;
  }

  function withAlt(code) {
    const choice = CHOICES.exec(code);
    if (choice) return () => choose(Number(choice[1]) - 1);
    if (WITH_ALT[code]) return () => run(WITH_ALT[code]);
    return VIEW_KEYS[code] ? () => view(VIEW_KEYS[code]) : null;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (document.querySelector("dialog[open]")) return;
      const act = actOf(event);
      if (act) {
        event.preventDefault();
        act();
      } else if (!event.ctrlKey && !event.altKey && event.target.matches(".grid .value") && arrow(event)) event.preventDefault();
    },
    { signal },
  );
}
