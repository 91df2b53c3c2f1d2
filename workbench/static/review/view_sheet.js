// One page on the screen: its picture, as fine as it is looked at, turned as wished, and the boxes over it.
// Boxes are [x0, y0, x1, y1] in shares of the upright page; they lie in the turned element, and so turn with the picture.

const SVG = "http://www.w3.org/2000/svg";
const LEVELS = [1000, 2000, 3000]; // widths in pixels; the last one is 360 dpi on A4
const BLUR = 0.9; // a picture may be stretched by a tenth before a finer one is fetched

export function createSheet(documentId, page, texts) {
  const image = document.createElement("img");
  const boxes = document.createElementNS(SVG, "svg");
  const turned = make("div", "turned", boxes);
  const node = make("figure", "sheet", turned, make("figcaption", "", texts.noImage));
  let quarters = 0; // clockwise, of this view alone
  let level = 0;
  let size = [0, 0]; // of the upright page, in CSS pixels

  node.dataset.page = page.number;
  image.alt = texts.pageOf.replace("{number}", page.number);
  image.draggable = false;
  boxes.classList.add("boxes");
  boxes.setAttribute("viewBox", "0 0 1 1");
  boxes.setAttribute("preserveAspectRatio", "none");
  boxes.setAttribute("aria-hidden", "true");

  const onItsSide = () => quarters % 2 === 1;

  // Width and height as it lies now, in points.
  const extent = () => (onItsSide() ? [page.height, page.width] : [page.width, page.height]);

  function place(pixelsPerPoint) {
    const [width, height] = (size = [page.width * pixelsPerPoint, page.height * pixelsPerPoint]);
    const [right, down] = [[0, 0], [height, 0], [width, height], [0, width]][quarters];
    sized(turned, width, height);
    sized(node, ...(onItsSide() ? [height, width] : [width, height]));
    turned.style.transform = quarters ? `translate(${right}px, ${down}px) rotate(${quarters * 90}deg)` : "";
  }

  function load(least = 0) {
    const needed = Math.max(size[0], least) * devicePixelRatio * BLUR;
    const wanted = LEVELS.find((each) => each >= needed) ?? LEVELS.at(-1);
    if (wanted <= level) return;
    level = wanted;
    turned.prepend(image);
    image.onerror = () => node.classList.add("broken");
    image.onload = () => node.classList.remove("broken");
    image.src = `/documents/${documentId}/pages/${page.number}.jpg?width=${wanted}`;
  }

  function unload() {
    level = 0;
    image.onload = image.onerror = null;
    image.removeAttribute("src");
    image.remove(); // browsers remember pictures that were painted, and with them what they stand in
  }

  // Where a point of the window lies on the upright page, in shares.
  function toPage(clientX, clientY) {
    const frame = node.getBoundingClientRect();
    const [x, y] = [(clientX - frame.left) / frame.width, (clientY - frame.top) / frame.height];
    return [[x, y], [y, 1 - x], [1 - x, 1 - y], [1 - y, x]][quarters];
  }

  // Where a box lies in the window: left, top, right, bottom.
  function toWindow([x0, y0, x1, y1]) {
    const frame = node.getBoundingClientRect();
    const [left, top, right, bottom] = [
      [x0, y0, x1, y1],
      [1 - y1, x0, 1 - y0, x1],
      [1 - x1, 1 - y1, 1 - x0, 1 - y0],
      [y0, 1 - x1, y1, 1 - x0],
    ][quarters];
    return [frame.left + left * frame.width, frame.top + top * frame.height, frame.left + right * frame.width, frame.top + bottom * frame.height];
  }

  function draw(kind, box, pad = 0) {
    const rect = document.createElementNS(SVG, "rect");
    rect.classList.add(kind);
    frameOf(rect, box, pad);
    boxes.append(rect);
    return rect;
  }

  return {
    node, page, extent, place, load, unload, toPage, toWindow, draw,
    turn: (by) => (quarters = (quarters + by + 4) % 4),
  };
}

export function frameOf(rect, [x0, y0, x1, y1], pad = 0) {
  const shape = { x: x0 - pad, y: y0 - pad, width: x1 - x0 + 2 * pad, height: y1 - y0 + 2 * pad };
  for (const [name, value] of Object.entries(shape)) rect.setAttribute(name, value);
}

function make(tag, kind, ...content) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...content);
  return element;
}

function sized(element, width, height) {
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}
