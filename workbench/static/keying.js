// Blind keying by keyboard: Enter goes to the next value, Ctrl+Enter sends, Alt+A and Alt+U say absent and unreadable.

import { keepLease, watchTime } from "./review/lease.js";
import { sendLast } from "./review/server.js";
import { createViewer } from "./review/viewer.js";

const root = document.querySelector("#review");
const form = document.querySelector("#keys");
const { task, epoch, beat } = root.dataset;
const ending = new AbortController();
const viewer = createViewer(root);
const panel = root.querySelector(".viewer");
viewer.show(panel.dataset.document, JSON.parse(panel.dataset.sheets));

const inputs = [...form.querySelectorAll(".value, .choice:first-of-type input[required]")];
const clock = watchTime(ending.signal);
let sent = false;

keepLease(() => sendLast(`/keying/${task}/heartbeat`, { epoch, seconds: clock.take() }), Number(beat), ending.signal);

const fieldOf = (element) => element.closest(".key");
const stateOf = (field, name) => field?.querySelector(`input[type="radio"][value="${name}"]`);

function setState(name) {
  const field = fieldOf(document.activeElement);
  const radio = stateOf(field, name);
  if (!radio) return;
  radio.checked = true;
  field.querySelector(".value").value = "";
}

function take(field, button) {
  const input = field.querySelector(".value");
  if (button.dataset.state !== "present") return setState(button.dataset.state);
  if (input) input.value = button.dataset.take;
  else form.elements[field.querySelector("input").name].value = button.dataset.take;
}

function step(from) {
  const next = inputs[inputs.indexOf(from) + 1];
  if (next) next.focus();
  else form.requestSubmit();
}

// What is left open is asked for here: the desk would refuse the whole, and what was typed would be gone.
const leftOpen = () => inputs.find((input) => input.matches(".value") && !input.value.trim() && stateOf(fieldOf(input), "present").checked);

form.addEventListener("submit", (event) => {
  const open = leftOpen();
  if (open || sent) event.preventDefault();
  if (open) return open.focus();
  sent = true;
  form.elements.seconds.value = clock.take();
});
form.addEventListener("input", ({ target }) => {
  if (target.matches(".value")) stateOf(fieldOf(target), "present").checked = true;
});
form.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-take]");
  if (button) take(fieldOf(button), button);
});
root.addEventListener("click", ({ target }) => {
  const act = target.closest("[data-view]")?.dataset.view;
  if (act) viewer.act(act);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") form.requestSubmit();
  else if (event.key === "Enter" && event.target.matches(".value")) step(event.target);
  else if (event.altKey && event.code === "KeyA") setState("absent");
  else if (event.altKey && event.code === "KeyU") setState("unreadable");
  else if (event.altKey && /^Digit[12]$/.test(event.code)) {
    const field = fieldOf(document.activeElement) ?? form.querySelector(".key");
    const button = field.querySelectorAll("[data-take]")[Number(event.code.at(-1)) - 1];
    if (button) take(field, button);
  } else return;
  event.preventDefault();
});
addEventListener("pagehide", () => {
  if (!sent) sendLast(`/keying/${task}/release`, { epoch });
});
inputs[0]?.focus();
