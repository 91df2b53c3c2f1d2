// The review screen: keys, the checks while one types, submit, reject, skip, and the lease.

import { createForm } from "./form.js";
import { post } from "./server.js";
import { createViewer } from "./viewer.js";

const CHECK_AFTER = 250; // ms without a keystroke
const root = document.querySelector("#review");
const base = `/review/${root.dataset.task}`;
const epoch = Number(root.dataset.epoch);
const texts = document.querySelector("#texts").dataset;
const status = root.querySelector("#status");
const type = root.querySelector("#document-type");
const dialog = (name) => document.querySelector(`#${name}-dialog`);

const viewer = createViewer(root, (input) => input.focus());
const form = createForm(root, viewer, texts, () => checkSoon());
let currentType = type.value;
let leaving = false;

// Time that the page was really looked at

let seconds = 0;
setInterval(() => {
  if (document.visibilityState === "visible") seconds += 1;
}, 1000);

// The rules, while one types

let timer;
let asked = 0;

function checkSoon() {
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER);
}

async function check() {
  const mine = ++asked;
  const answer = await ask("check", draft());
  if (answer && mine === asked) form.applyCheck(answer);
}

const draft = () => ({ epoch, document_type: currentType, values: form.collect() });

// One way to ask the desk; what goes wrong is said, and the text stays

async function ask(path, body, options) {
  try {
    const answer = await post(`${base}/${path}`, body, options);
    status.value = "";
    return answer;
  } catch (error) {
    if (error.status === 409) lost();
    else if (error.status === 401) status.value = texts.signedOut;
    else if (error.status === 0 || error.status === 503) status.value = texts.offline;
    else if (error.problem) status.value = `${error.problem.what ?? ""} ${error.problem.do ?? ""} (${error.problem.code ?? error.status})`;
    else throw error;
    return null;
  }
}

function lost() {
  clearInterval(beat);
  leaving = true;
  document.querySelector("#lost-text").value = form.asText();
  if (!dialog("lost").open) dialog("lost").showModal();
}

// The lease goes on while somebody is there: a page left open gives its task back in time

let active = true;
for (const sign of ["keydown", "pointermove", "wheel"]) addEventListener(sign, () => (active = true), { passive: true });

const beat = setInterval(() => {
  if (active) ask("heartbeat", { epoch });
  active = false;
}, Number(root.dataset.beat) * 1000);

// Ends of the work

let sending = false;

async function submit(acceptReason = null) {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  status.value = texts.saving;
  const answer = await ask("submit", { ...draft(), accept_reason: acceptReason, seconds });
  sending = false;
  if (!answer) return;
  if (answer.submitted) {
    go(answer.next);
    return;
  }
  form.applyCheck(answer);
  const errors = Object.values(answer.remarks).flat().filter((remark) => remark.severity === "error");
  if (!errors.length) {
    status.value = texts.noType;
    return;
  }
  const said = new Map(errors.map((remark) => [remark.text, remark]));
  document.querySelector("#errors-left").replaceChildren(...[...said.values()].map(form.listItem));
  dialog("accept").showModal();
}

function go(address) {
  leaving = true;
  location.assign(address);
}

for (const each of document.querySelectorAll("form[data-send]")) {
  each.addEventListener("submit", async () => {
    const fields = Object.fromEntries(new FormData(each));
    if (each.dataset.send === "submit") return submit(fields.accept_reason);
    const answer = await ask(each.dataset.send, { epoch, ...fields });
    if (answer) go(answer.next);
  });
}

addEventListener("beforeunload", (event) => {
  if (form.touched && !leaving) event.preventDefault();
});

// Another type of document

type.addEventListener("change", async () => {
  const html = await ask("form", { ...draft(), from_type: currentType, document_type: type.value }, { accept: "text/html" });
  if (!html) {
    type.value = currentType;
    return;
  }
  currentType = type.value;
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#form-body");
  root.querySelector("#form-body").replaceWith(document.adoptNode(fresh));
  form.begin();
  checkSoon();
});

// Buttons

const acts = {
  submit: () => submit(),
  "next-doubtful": () => form.nextDoubtful(),
  absent: () => form.setState("absent"),
  unreadable: () => form.setState("unreadable"),
  "open-skip": () => dialog("skip").showModal(),
  "open-reject": () => dialog("reject").showModal(),
  "open-pages": () => dialog("pages").showModal(),
  "open-help": () => dialog("help").showModal(),
  copy: () => copyText(),
};

async function copyText() {
  const area = document.querySelector("#lost-text");
  area.select();
  await navigator.clipboard?.writeText(area.value).catch(() => document.execCommand("copy"));
  status.value = texts.copied;
}

document.addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "close") event.target.closest("dialog").close();
  else acts[act]?.();
});
root.querySelector(".strip-states").addEventListener("mousedown", (event) => event.preventDefault());

// Keys

const withAlt = {
  KeyA: acts.absent,
  KeyU: acts.unreadable,
  ArrowDown: acts["next-doubtful"],
  PageUp: () => viewer.act("previous"),
  PageDown: () => viewer.act("next"),
  Equal: () => viewer.act("in"),
  NumpadAdd: () => viewer.act("in"),
  BracketRight: () => viewer.act("in"), // "+" on German keyboards
  Minus: () => viewer.act("out"),
  Slash: () => viewer.act("out"), // "-" on German keyboards
  NumpadSubtract: () => viewer.act("out"),
  Digit0: () => viewer.act("fit"),
  Insert: () => form.addRow(),
  Delete: () => form.deleteRow(),
  ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`Digit${number}`, () => form.choose(number - 1)])),
};

function actOf(event) {
  const inField = event.target.matches(".value");
  if (event.ctrlKey || event.metaKey) return event.key === "Enter" ? acts.submit : null;
  if (event.altKey) return withAlt[event.code];
  if (event.key === "F2") return acts["next-doubtful"];
  if (event.key === "F1" || (event.key === "?" && !event.target.matches("input, textarea"))) return acts["open-help"];
  if (inField && event.key === "Enter") return () => form.step(event.shiftKey ? -1 : 1);
  if (inField && event.key === "Escape") return () => form.restore();
  return null;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const act = actOf(event);
  if (!act) return;
  event.preventDefault();
  act();
});
