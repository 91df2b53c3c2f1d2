// One document on the screen: the rules while one types, the draft, the lease, and the ends of the work.

import { createAutosave } from "./autosave.js";
import { listenToDialogs } from "./dialogs.js";
import { createForm } from "./form.js";
import { listenToKeys } from "./keys.js";
import { keepLease, watchTime } from "./lease.js";
import { createDesk } from "./desk.js";
import { createStrip } from "./strip.js";

const CHECK_AFTER = 40; // ms without a keystroke

// `moveOn(address)` goes to the next document. Closing the screen lets go of all that it began.
export function openScreen(main, viewer, moveOn) {
  const ending = new AbortController();
  const { signal } = ending;
  const root = main.querySelector("#review");
  const texts = main.querySelector("#texts").dataset;
  const base = `/review/${root.dataset.task}`;
  const epoch = Number(root.dataset.epoch);
  const type = root.querySelector("#document-type");
  const dialog = (name) => main.querySelector(`#${name}-dialog`);

  const desk = createDesk(main, base, texts, { onLost: lost });
  const form = createForm(root, viewer, texts, { onChange: changed, onFocus: (input) => strip.describe(input), signal });
  const strip = createStrip(root, texts, form);
  const autosave = createAutosave(save, showSaved, signal);
  const clock = watchTime(signal);
  let currentType = type.value;
  let held = true;
  let sending = false;

  const draft = () => ({ epoch, document_type: currentType, values: form.collect() });

  // While one types

  let timer;
  let edits = 0;

  function changed() {
    edits += 1;
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER);
    autosave.touch();
  }

  async function check() {
    const about = edits;
    const answer = await desk.ask("check", draft());
    if (answer && about === edits && !signal.aborted) form.applyCheck(answer); // else rows may have moved since
  }

  async function save() {
    if (!held || sending) return null;
    return (await desk.ask("draft", draft()))?.saved_at;
  }

  function showSaved(at) {
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang);
    root.querySelector("#saved").value = `${texts.saved} ${time}`;
  }

  let told = null; // the heartbeat under way, with the seconds that it carries

  function beat() {
    if (held) told = tell();
    return told;
  }

  // A page that is loaded again may have been on its way before the last words of the one before were kept.
  async function tell() {
    const seconds = clock.take();
    const answer = await desk.ask("heartbeat", { epoch, seconds });
    if (!answer) clock.putBack(seconds);
    const isNewer = answer && answer.draft > root.dataset.draft && !edits;
    if (isNewer && held && !signal.aborted) finish(`${base}?epoch=${epoch}`);
  }

  function lost() {
    if (!held || sending) return; // while it is submitted, what was on its way before comes too late
    held = false;
    main.querySelector("#lost-text").value = form.asText();
    dialog("lost").showModal();
  }

  // Ends of the work

  async function submit(acceptReason = null) {
    if (sending || !held) return;
    sending = true;
    clearTimeout(timer);
    desk.say(texts.saving);
    await told; // overtaken by the decision, it would find no task to count for
    const seconds = clock.take();
    const answer = await desk.ask("submit", { ...draft(), accept_reason: acceptReason, seconds });
    sending = false;
    if (!answer?.submitted) clock.putBack(seconds);
    if (!answer) return;
    if (answer.submitted) finish(answer.next);
    else showErrors(answer);
  }

  function finish(address) {
    held = false;
    moveOn(address);
  }

  function showErrors(answer) {
    form.applyCheck(answer);
    const errors = Object.values(answer.remarks).flat().filter((remark) => remark.severity === "error");
    if (!errors.length) {
      desk.say(texts.noType);
      return;
    }
    const said = new Map(errors.map((remark) => [remark.text, remark]));
    main.querySelector("#errors-left").replaceChildren(...[...said.values()].map(form.listItem));
    dialog("accept").showModal();
  }

  async function send(path, fields) {
    if (path === "submit") return submit(fields.accept_reason);
    if (path === "ask") fields = { ...fields, field: nameOf(form.focused), ...draft() };
    await beat(); // tells the time that it took
    const answer = await desk.ask(path, { epoch, ...fields });
    if (answer?.next) finish(answer.next);
    else if (answer?.noted) note(answer.noted);
  }

  function note(text) {
    const item = document.createElement("li");
    item.textContent = text;
    root.querySelector("#notes").append(item);
    desk.say(texts.noted);
  }

  const nameOf = (input) => (input?.dataset.table ? `${input.dataset.table}.${input.dataset.name}` : (input?.dataset.name ?? null));

  // Another type of document

  async function changeType() {
    const html = await desk.ask("form", { ...draft(), from_type: currentType, document_type: type.value }, { accept: "text/html" });
    if (!html) {
      type.value = currentType;
      return;
    }
    currentType = type.value;
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#form-body");
    root.querySelector("#form-body").replaceWith(document.adoptNode(fresh));
    form.begin();
    changed();
  }

  // From the page into the field

  // A word is read like a box: the document may write numbers and dates otherwise than the person does.
  const takeWord = (page, box) => readBox(page, box, false);

  async function readBox(page, box, rows = true) {
    const input = form.focused;
    if (!input) return;
    const { name, table } = input.dataset;
    const answer = await desk.ask("read-box", { epoch, page, box, name, table, rows: rows && Boolean(table) });
    if (!answer?.raw || form.focused !== input) return; // nothing stands there
    if (table) form.grid.fill(answer.rows ?? [answer]);
    else form.fill(answer.text, answer);
  }

  // What buttons and keys do

  const acts = {
    submit: () => submit(),
    "next-doubtful": form.nextDoubtful,
    absent: () => form.setState("absent"),
    unreadable: () => form.setState("unreadable"),
    undo: form.undo,
    redo: form.redo,
    "add-row": () => form.grid.add(),
    "delete-row": () => form.grid.remove(),
    "split-row": form.grid.split,
    "merge-rows": form.grid.merge,
    type: () => type.focus(),
    instruction: () => root.querySelector("#instructions").toggleAttribute("data-wide"),
  };

  function run(act) {
    root.querySelector(".more").open = false;
    if (acts[act]) acts[act]();
    else if (act?.startsWith("open-")) dialog(act.slice(5))?.showModal();
  }

  type.addEventListener("change", changeType, { signal });
  root.querySelector(".strip-states").addEventListener("mousedown", (event) => event.preventDefault(), { signal });
  main.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("[data-act]");
      if (button && !button.closest("#form-body, dialog")) run(button.dataset.act);
    },
    { signal },
  );
  listenToDialogs(main, { send, say: desk.say, texts }, signal);
  listenToKeys(
    { run, view: viewer.act, choose: form.choose, step: form.step, restore: form.restore, arrow: form.grid.arrow },
    signal,
  );
  form.begin();
  keepLease(beat, Number(root.dataset.beat), signal);

  return {
    takeWord,
    readBox,
    close: () => ending.abort(),
    // What is sent when the page goes away: the task is left, with what has not been kept yet.
    last() {
      if (!held) return null;
      const unkept = autosave.pending ? { draft: JSON.stringify(draft()) } : {};
      return { path: `${base}/release`, fields: { epoch, seconds: clock.take(), ...unkept } };
    },
    get unsaved() {
      return held && desk.failing && autosave.pending;
    },
  };
}
