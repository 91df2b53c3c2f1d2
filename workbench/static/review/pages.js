// The pages dialog: cards in the order that is wanted. What the cards say goes along when the form is sent.

const acts = {
  earlier: (card) => card.previousElementSibling?.before(card),
  later: (card) => card.nextElementSibling?.after(card),
  turn: (card) => (card.dataset.turn = (Number(card.dataset.turn) + 90) % 360),
  drop: (card) => press(card, "drop"),
  begin: (card) => press(card, "begin"),
};
const KEYS = { r: "turn", Delete: "drop", n: "begin" };

const button = (card, name) => card.querySelector(`[data-plan="${name}"]`);
const isPressed = (card, name) => button(card, name).getAttribute("aria-pressed") === "true";
const press = (card, name) => button(card, name).setAttribute("aria-pressed", !isPressed(card, name));

function plan(form) {
  return [...form.querySelectorAll("[data-number]")].map((card) => ({
    number: Number(card.dataset.number),
    turn: Number(card.dataset.turn),
    dropped: isPressed(card, "drop"),
    begins: isPressed(card, "begin"),
  }));
}

function act(name, card, focused) {
  acts[name](card);
  focused.focus(); // a card that moved has lost it
}

document.addEventListener("formdata", ({ target, formData }) => {
  if (target.matches('[data-send="arrange"]')) formData.set("plan", JSON.stringify(plan(target)));
});

document.addEventListener("click", ({ target }) => {
  const pushed = target.closest("[data-plan]");
  if (pushed) act(pushed.dataset.plan, pushed.closest("[data-number]"), pushed);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".plan [data-number]");
  const forward = { ArrowLeft: false, ArrowRight: true }[event.key];
  const name = KEYS[event.key] ?? (event.ctrlKey && forward !== undefined ? (forward ? "later" : "earlier") : null);
  if (!card || (!name && forward === undefined)) return;
  event.preventDefault();
  if (name) act(name, card, event.target);
  else button((forward ? card.nextElementSibling : card.previousElementSibling) ?? card, event.target.dataset.plan).focus();
});
