// The strip below the form: what there is to know of the focused field, its candidates, and how it is keyed.

// `choicesOf(input)` are its candidates, `choose(index)` takes one; `guide` is where the field's work instruction is shown.
export function createStrip(root, texts, { choicesOf, choose }) {
  const strip = root.querySelector("#strip");
  const guides = new Map([...root.querySelectorAll("#instructions [data-field]")].map((each) => [each.dataset.field, each]));
  let shownFor = null;

  function describe(input) {
    strip.dataset.mark = input.dataset.mark;
    strip.querySelector("#strip-name").textContent = input.getAttribute("aria-label");
    const printed = input.dataset.raw && input.dataset.raw !== input.value ? `${texts.printed}: ${input.dataset.raw}` : "";
    strip.querySelector("#strip-raw").textContent = [printed, input.dataset.probability].filter(Boolean).join(" · ");
    strip.querySelector("#strip-remark").textContent = input.dataset.says || input.dataset.instruction || "";
    if (shownFor === input) return;
    shownFor = input;
    strip.querySelector("#strip-choices").replaceChildren(...choicesOf(input).map(choiceButton));
    guide(input);
  }

  function guide({ dataset: { table, name } }) {
    const wanted = guides.get(table ? `${table}.${name}` : name);
    for (const each of guides.values()) each.hidden = each !== wanted;
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

  return { describe };
}
