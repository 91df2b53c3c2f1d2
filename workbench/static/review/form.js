// The fields and tables as a person sees them: what is typed, what is marked, what is said of the focused field.

const WORST = ["error", "warning"];

export function createForm(root, viewer, texts, onChange) {
  const strip = root.querySelector("#strip");
  let focused = null;

  const inputs = () => [...root.querySelectorAll("#form-body .value")];
  const visible = () => inputs().filter((input) => input.offsetParent !== null);
  const keyOf = ({ dataset: d }) => (d.table ? `${d.table}.${d.row}.${d.name}` : d.name);
  const holder = (input) => input.closest(".field, td");
  const remarkOf = (input) => holder(input).querySelector(".remark, .visually-hidden");

  // What is typed

  function collect() {
    return inputs()
      .filter((input) => input.value !== "" || input.dataset.state !== "present")
      .map(({ value, dataset: d }) => ({
        name: d.name,
        table: d.table,
        row: Number(d.row),
        state: d.state,
        text: value,
        page: d.page ? Number(d.page) : null,
        box: d.box ? d.box.split(",").map(Number) : null,
      }));
  }

  function asText() {
    return visible()
      .filter((input) => input.value)
      .map((input) => `${input.getAttribute("aria-label")}: ${input.value}`)
      .join("\n");
  }

  function setValue(input, text, state = "present") {
    input.value = text;
    input.dataset.state = state;
    input.placeholder = state === "present" ? "" : texts[state];
    touched(input);
  }

  function touched(input) {
    const changed = input.value !== input.dataset.original || input.dataset.state !== (input.dataset.was ?? "present");
    input.toggleAttribute("data-touched", changed);
    input.dataset.seen = "yes";
    onChange();
    refresh(input);
  }

  function setState(state) {
    if (focused) setValue(focused, "", focused.dataset.state === state ? "present" : state);
  }

  function choose(index) {
    const choice = focused && choicesOf(focused)[index];
    if (!choice) return;
    focused.dataset.page = choice.page;
    focused.dataset.box = choice.box.join(",");
    focused.dataset.raw = choice.raw;
    setValue(focused, choice.text);
    viewer.drawBox(focused);
    viewer.light(focused);
    describe(focused);
  }

  function restore() {
    if (focused) setValue(focused, focused.dataset.original, focused.dataset.was);
  }

  const choicesOf = (input) => JSON.parse(input.dataset.choices ?? "[]");

  // What is marked

  function applyCheck({ remarks, shown }) {
    for (const input of inputs()) {
      const found = remarks[keyOf(input)] ?? [];
      input.dataset.found = WORST.find((each) => found.some((remark) => remark.severity === each)) ?? "";
      input.dataset.says = found.map((remark) => remark.text).join(" ");
      const text = shown[keyOf(input)];
      if (input !== focused && text !== undefined && input.dataset.state === "present") input.value = text;
      refresh(input);
    }
    const whole = (remarks[""] ?? []).map((remark) => listItem(remark));
    root.querySelector("#document-remarks").replaceChildren(...whole);
    count();
    if (focused) describe(focused);
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

  function step(direction) {
    const all = visible();
    leave(focused);
    goTo(all[(all.indexOf(focused) + direction + all.length) % all.length]);
  }

  function nextDoubtful() {
    const all = visible();
    const from = all.indexOf(focused);
    leave(focused);
    goTo([...all.slice(from + 1), ...all.slice(0, from + 1)].find((input) => input.dataset.mark));
    count();
  }

  function leave(input) {
    if (!input) return;
    input.dataset.seen = "yes"; // looked at and moved on from: confirmed
    refresh(input);
    count();
  }

  function describe(input) {
    strip.dataset.mark = input.dataset.mark;
    strip.querySelector("#strip-name").textContent = input.getAttribute("aria-label");
    const printed = input.dataset.raw && input.dataset.raw !== input.value ? `${texts.printed}: ${input.dataset.raw}` : "";
    strip.querySelector("#strip-raw").textContent = [printed, input.dataset.probability].filter(Boolean).join(" · ");
    strip.querySelector("#strip-remark").textContent = input.dataset.says || input.dataset.instruction || "";
    strip.querySelector("#strip-choices").replaceChildren(...choicesOf(input).map((choice, index) => choiceButton(choice, index)));
  }

  function choiceButton(choice, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    const key = document.createElement("kbd");
    key.textContent = String(index + 1);
    button.append(key, ` ${choice.text}`);
    button.title = `Alt+${index + 1}: ${choice.raw}`;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps its focus
    button.addEventListener("click", () => choose(index));
    return button;
  }

  // Rows

  function addRow(grid = focused?.closest(".grid") ?? root.querySelector(".grid")) {
    if (!grid) return;
    const numbers = [...grid.querySelectorAll("tbody .value")].map((input) => Number(input.dataset.row));
    const row = Math.max(0, ...numbers) + 1;
    const fragment = grid.querySelector("template").content.cloneNode(true);
    for (const input of fragment.querySelectorAll(".value")) {
      const remark = input.nextElementSibling;
      input.dataset.row = row;
      input.id = `f-${keyOf(input)}`;
      remark.id = `r-${keyOf(input)}`;
      input.setAttribute("aria-describedby", remark.id);
    }
    const line = fragment.querySelector("tr");
    grid.querySelector("tbody").append(line);
    goTo([...line.querySelectorAll(".value")].find((input) => input.offsetParent !== null));
  }

  function deleteRow(line = focused?.closest("tr")) {
    if (!line) return;
    const column = focused?.closest("td")?.dataset.column;
    const neighbour = line.nextElementSibling ?? line.previousElementSibling;
    line.remove();
    viewer.drawBoxes(inputs());
    goTo(neighbour?.querySelector(`td[data-column="${column}"] .value`) ?? visible()[0]);
    onChange();
  }

  // Listening

  root.addEventListener("focusin", ({ target }) => {
    if (!target.matches(".value")) return;
    focused = target;
    viewer.light(target);
    describe(target);
  });
  root.addEventListener("input", ({ target }) => {
    if (!target.matches(".value")) return;
    target.dataset.state = "present";
    touched(target);
    count();
  });
  root.addEventListener("click", ({ target }) => {
    const act = target.closest("#form-body [data-act]")?.dataset.act;
    if (act === "add-row") addRow(target.closest(".grid"));
    if (act === "delete-row") deleteRow(target.closest("tr"));
    if (act === "columns") {
      const shown = target.closest(".grid").classList.toggle("all-columns");
      target.setAttribute("aria-pressed", shown);
    }
  });

  function begin() {
    for (const input of inputs()) {
      input.dataset.was = input.dataset.state;
      input.dataset.found = WORST.includes(input.dataset.mark) ? input.dataset.mark : "";
      const remark = remarkOf(input);
      input.dataset.says = remark.title || (remark.matches(".visually-hidden") ? remark.textContent : "");
    }
    focused = null;
    viewer.drawBoxes(inputs());
    count();
    goTo(marked()[0] ?? visible()[0]);
  }

  begin();
  return {
    collect, asText, applyCheck, setState, choose, restore, step, nextDoubtful, addRow, deleteRow, begin, listItem,
    get touched() {
      return root.querySelector("#form-body [data-touched]") !== null;
    },
  };
}
