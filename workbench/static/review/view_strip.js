// The page strip: all pages small, one click away; the pictures are fetched when they come into sight.

export function createStrip(node, texts, onGo) {
  let buttons = new Map();

  function show(documentId, pages) {
    for (const image of node.querySelectorAll("img")) image.removeAttribute("src"); // a lazy picture that waits is kept alive
    buttons = new Map(pages.map((page) => [page.number, button(documentId, page)]));
    node.replaceChildren(...buttons.values());
  }

  function button(documentId, page) {
    const image = document.createElement("img");
    const number = document.createElement("span");
    const whole = document.createElement("button");
    image.loading = "lazy";
    image.alt = "";
    image.width = 80;
    image.height = Math.round((80 * page.height) / page.width);
    image.src = `/documents/${documentId}/pages/${page.number}.jpg?width=160`;
    number.textContent = page.number;
    whole.type = "button";
    whole.title = `${texts.pageOf.replace("{number}", page.number)}${page.place}`;
    whole.setAttribute("aria-label", whole.title);
    whole.append(image, number);
    whole.addEventListener("click", () => onGo(page.number));
    return whole;
  }

  function mark(numbers) {
    for (const [number, each] of buttons) {
      if (numbers.includes(number)) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
    buttons.get(numbers[0])?.scrollIntoView({ block: "nearest" });
  }

  return { show, mark, toggle: (shown = node.hidden) => (node.hidden = !shown), get shown() { return !node.hidden; } };
}
