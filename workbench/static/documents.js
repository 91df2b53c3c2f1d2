// The documents list by keyboard: / to search, j and k through the rows, x to tick one; and the box that ticks all.

const rows = document.getElementById("rows");
const ticks = () => [...rows.querySelectorAll('input[name="ids"]')];
const links = () => [...rows.querySelectorAll("tbody td a")];

rows.addEventListener("change", (event) => {
  if (event.target.id === "tick-all") for (const tick of ticks()) tick.checked = event.target.checked;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = { "/": search, j: () => step(1), k: () => step(-1), x: tick }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function isTyping(target) {
  return target.matches("select, textarea, input:not([type='checkbox'])");
}

function search() {
  document.getElementById("q").select();
}

function here() {
  return document.activeElement?.closest("tbody tr");
}

function step(by) {
  const all = links();
  const at = all.findIndex((link) => link.closest("tr") === here());
  all[Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

function tick() {
  here()?.querySelector('input[name="ids"]')?.click();
}
