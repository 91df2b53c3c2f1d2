// The page image: turning, zooming, and the boxes of the values over it.

const SVG = "http://www.w3.org/2000/svg";
const FINE_ABOVE = 1100; // device pixels from which the larger image is worth its bytes
const STEPS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3, 4];

export function createViewer(root, onPick) {
  const scroll = root.querySelector("#viewer-scroll");
  const sheets = new Map([...root.querySelectorAll(".sheet")].map((sheet) => [Number(sheet.dataset.page), sheet]));
  const numbers = [...sheets.keys()];
  const boxes = new Map(); // input -> rect
  let lit = null;
  let current = numbers[0];
  let zoom = 1;

  function load(number) {
    const sheet = sheets.get(number);
    if (!sheet) return;
    const image = sheet.querySelector("img");
    const fine = scroll.clientWidth * zoom * devicePixelRatio > FINE_ABOVE;
    const address = `/documents/${root.dataset.document}/pages/${number}.jpg?width=${fine ? 2000 : 1000}`;
    if (image.dataset.width === "2000" || image.getAttribute("src") === address) return;
    image.dataset.width = fine ? "2000" : "1000";
    image.onerror = () => sheet.classList.add("broken");
    image.onload = () => sheet.classList.remove("broken");
    image.src = address;
  }

  function show(number) {
    if (!sheets.has(number)) return;
    if (number !== current) {
      sheets.get(current).hidden = true;
      sheets.get(number).hidden = false;
      current = number;
      scroll.scrollTop = 0;
    }
    root.querySelector("#page-number").value = `${numbers.indexOf(number) + 1} / ${numbers.length}${sheets.get(number).dataset.place}`;
    load(number);
    load(numbers[numbers.indexOf(number) + 1]);
  }

  function turn(step) {
    show(numbers[numbers.indexOf(current) + step]);
  }

  function setZoom(value) {
    const middle = (scroll.scrollTop + scroll.clientHeight / 2) / scroll.scrollHeight;
    zoom = value;
    for (const sheet of sheets.values()) sheet.style.width = `${zoom * 100}%`;
    root.querySelector("#zoom").value = `${Math.round(zoom * 100)} %`;
    scroll.scrollTop = middle * scroll.scrollHeight - scroll.clientHeight / 2;
    if (lit && Number(lit.dataset.page) === current) bringIntoView(lit);
    load(current);
  }

  function zoomBy(direction) {
    const next = direction > 0 ? STEPS.find((step) => step > zoom) : STEPS.findLast((step) => step < zoom);
    if (next) setZoom(next);
  }

  function drawBoxes(inputs) {
    for (const sheet of sheets.values()) sheet.querySelector(".boxes").replaceChildren();
    boxes.clear();
    for (const input of inputs) drawBox(input);
  }

  function drawBox(input) {
    boxes.get(input)?.remove();
    boxes.delete(input);
    const sheet = sheets.get(Number(input.dataset.page));
    if (!sheet || !input.dataset.box) return;
    const [x0, y0, x1, y1] = input.dataset.box.split(",").map(Number);
    const rect = document.createElementNS(SVG, "rect");
    const pad = 0.003;
    const shape = { x: x0 - pad, y: y0 - pad, width: x1 - x0 + 2 * pad, height: y1 - y0 + 2 * pad, rx: 0.002 };
    for (const [name, value] of Object.entries(shape)) rect.setAttribute(name, value);
    rect.dataset.mark = input.dataset.mark;
    rect.addEventListener("click", () => onPick(input));
    sheet.querySelector(".boxes").append(rect);
    boxes.set(input, rect);
  }

  function light(input) {
    for (const rect of boxes.values()) rect.classList.remove("lit");
    const rect = boxes.get(input);
    lit = rect ? input : null;
    if (!rect) return;
    show(Number(input.dataset.page));
    rect.classList.add("lit");
    rect.parentNode.append(rect); // on top of its neighbours
    bringIntoView(input);
  }

  function bringIntoView(input) {
    const sheet = sheets.get(current);
    const [x0, y0, x1, y1] = input.dataset.box.split(",").map(Number);
    const [top, bottom] = [sheet.offsetTop + y0 * sheet.offsetHeight, sheet.offsetTop + y1 * sheet.offsetHeight];
    const [left, right] = [sheet.offsetLeft + x0 * sheet.offsetWidth, sheet.offsetLeft + x1 * sheet.offsetWidth];
    const margin = 60;
    if (top < scroll.scrollTop + margin || bottom > scroll.scrollTop + scroll.clientHeight - margin) {
      scroll.scrollTop = (top + bottom) / 2 - scroll.clientHeight / 2;
    }
    if (left < scroll.scrollLeft || right > scroll.scrollLeft + scroll.clientWidth) {
      scroll.scrollLeft = (left + right) / 2 - scroll.clientWidth / 2;
    }
  }

  function mark(input) {
    const rect = boxes.get(input);
    if (rect) rect.dataset.mark = input.dataset.mark;
  }

  const acts = { previous: () => turn(-1), next: () => turn(1), in: () => zoomBy(1), out: () => zoomBy(-1), fit: () => setZoom(1) };
  root.querySelector(".viewer-tools").addEventListener("click", (event) => {
    acts[event.target.closest("[data-view]")?.dataset.view]?.();
  });
  show(current);
  return { drawBoxes, drawBox, light, mark, act: (name) => acts[name]() };
}
