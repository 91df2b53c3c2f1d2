// A scorecard by keyboard and mouse: a click on a line, or a selection in it, becomes the current item's place.
// Digits choose an answer and go on; n: does not apply; j and k: next and last item; Ctrl+Enter: finish.

const card = document.querySelector("#card");
const items = [...card.querySelectorAll(".item")];
const lines = [...document.querySelectorAll(".transcript li")];
let current = 0;

const radios = (item) => [...item.querySelectorAll('input[type="radio"]')];

// Light the line that the current item names.
function light() {
  const number = items[current].querySelector(".place").value.split(":")[0];
  for (const line of lines) line.classList.toggle("lit", line.dataset.line === number);
}

function go(to) {
  current = Math.min(Math.max(to, 0), items.length - 1);
  items.forEach((item, at) => item.classList.toggle("current", at === current));
  items[current].scrollIntoView({ block: "nearest" });
  light();
}

// What is selected inside one line, as characters from its beginning; nothing: the whole line.
function selected(line) {
  const selection = getSelection(), words = line.querySelector(".words").firstChild;
  const inside = selection.rangeCount && !selection.isCollapsed && selection.anchorNode === words && selection.focusNode === words;
  if (!inside) return line.dataset.line;
  const ends = [selection.anchorOffset, selection.focusOffset].sort((a, b) => a - b);
  return [line.dataset.line, ...ends].join(":");
}

function attach(line) {
  items[current].querySelector(".place").value = selected(line);
  light();
}

function choose(number) {
  const choice = radios(items[current]).filter((each) => each.value !== "na")[number - 1];
  if (choice) answer(choice);
}

function answer(choice) {
  choice.checked = true;
  go(current + 1);
}

for (const line of lines) {
  line.addEventListener("click", () => attach(line));
  line.addEventListener("keydown", (event) => event.key === "Enter" && attach(line));
}
card.addEventListener("focusin", (event) => {
  const at = items.indexOf(event.target.closest(".item"));
  if (at >= 0 && at !== current) go(at);
});
card.addEventListener("input", light);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) return card.querySelector('button[value="final"]').click();
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input:not([type=radio]), textarea, select")) return;
  const none = radios(items[current]).find((each) => each.value === "na");
  if (/^[1-9]$/.test(event.key)) choose(Number(event.key));
  else if (event.key === "n" && none) answer(none);
  else if (event.key === "j") go(current + 1);
  else if (event.key === "k") go(current - 1);
});
go(Math.max(items.findIndex((item) => !item.querySelector("input:checked")), 0));
