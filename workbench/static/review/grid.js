// The tables: rows are added, deleted, split, merged, pasted and filled from the page; arrow keys go from cell to cell.
//
// A row keeps the number that it has; only where one is put between do the rows below move on. `data-was` of a row is the
// number under which the machine read it, so that what nobody changed stays the machine's.

export const keyOf = ({ dataset: d }) => (d.table ? `${d.table}.${d.row}.${d.name}` : d.name);

// `form` is what the fields offer: focused(), goTo(input), put(input, text, spot), changed(what).
export function createGrid(root, form) {
  const cellsOf = (line) => [...line.querySelectorAll(".value")];
  const linesOf = (grid) => [...grid.querySelectorAll("tbody tr")];
  const isShown = (input) => input.offsetParent !== null;
  const cellIn = (line, name) => line?.querySelector(`.value[data-name="${name}"]`);
  const line = () => form.focused()?.closest("tbody tr");
  const grids = () => [...root.querySelectorAll(".grid")];

  // Rows

  function blankLine(grid) {
    const fresh = grid.querySelector("template").content.cloneNode(true).querySelector("tr");
    grid.querySelector("tbody").append(fresh);
    return fresh;
  }

  function addLine(grid, after = linesOf(grid).at(-1)) {
    const fresh = blankLine(grid);
    if (after) after.after(fresh);
    number(grid);
    return fresh;
  }

  function number(grid) {
    let last = 0;
    for (const each of linesOf(grid)) {
      const cells = cellsOf(each);
      last = Math.max(Number(cells[0].dataset.row), last + 1);
      for (const input of cells) setRow(input, last);
    }
  }

  function setRow(input, row) {
    if (input.id && Number(input.dataset.row) === row) return;
    input.dataset.row = row;
    input.id = `f-${keyOf(input)}`;
    input.nextElementSibling.id = `r-${keyOf(input)}`;
    input.setAttribute("aria-describedby", `r-${keyOf(input)}`);
  }

  function add(grid = line()?.closest(".grid") ?? grids()[0]) {
    if (!grid) return;
    const fresh = addLine(grid, line()?.closest(".grid") === grid ? line() : undefined);
    form.changed(null);
    form.goTo(cellsOf(fresh).find(isShown));
  }

  function remove(gone = line()) {
    if (!gone) return;
    const name = form.focused()?.dataset.name;
    const near = gone.nextElementSibling ?? gone.previousElementSibling;
    gone.remove();
    form.changed(null);
    form.goTo(cellIn(near, name));
  }

  // What stands after the caret in the focused cell begins a row of its own.
  function split() {
    const [input, here] = [form.focused(), line()];
    if (!here) return;
    const at = input.selectionStart === input.selectionEnd ? input.selectionStart : input.value.length;
    const rest = input.value.slice(at).trim();
    const fresh = addLine(here.closest(".grid"), here);
    const target = cellIn(fresh, input.dataset.name);
    if (rest) {
      form.put(target, rest, input.dataset);
      form.put(input, input.value.slice(0, at).trim(), input.dataset);
    }
    form.changed(null);
    form.goTo(target);
  }

  // The row below is taken into this one: texts are joined, other values fill what is empty here.
  function merge() {
    const [input, here] = [form.focused(), line()];
    const below = here?.nextElementSibling;
    if (!below) return;
    for (const other of cellsOf(below).filter((each) => each.value)) {
      const own = cellIn(here, other.dataset.name);
      if (!own.value) form.put(own, other.value, other.dataset);
      else if (own.dataset.type === "text") form.put(own, `${own.value} ${other.value}`, own.dataset);
    }
    below.remove();
    form.changed(null);
    form.goTo(input);
  }

  // Several cells at once

  // Cells from a spreadsheet, laid over the table from the focused one on. Answers whether they were for us.
  function paste(text) {
    const [input, here] = [form.focused(), line()];
    const rows = cellsFrom(text);
    if (!here || (rows.length < 2 && rows[0].length < 2)) return false;
    const columns = cellsOf(here).filter(isShown).map((each) => each.dataset.name);
    const first = columns.indexOf(input.dataset.name);
    let target = here;
    for (const [index, row] of rows.entries()) {
      if (index) target = target.nextElementSibling ?? addLine(here.closest(".grid"), target);
      for (const [offset, cell] of row.entries()) {
        const to = cellIn(target, columns[first + offset] ?? "");
        if (to) form.put(to, cell.trim(), {});
      }
    }
    form.changed(null);
    return true;
  }

  // One value a row, from the focused cell down: {text, page, box} as the desk read them on the page.
  function fill(values) {
    const [input, here] = [form.focused(), line()];
    let target = here;
    for (const [index, value] of values.entries()) {
      if (index) target = target.nextElementSibling ?? addLine(here.closest(".grid"), target);
      form.put(cellIn(target, input.dataset.name), value.text, value);
    }
    form.changed(null);
  }

  // Arrow keys: up and down always, left and right from a cell's end

  function arrow(event) {
    const [input, here] = [form.focused(), line()];
    if (!here || event.shiftKey) return false;
    const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const row = cellsOf(here).filter(isShown);
    const beside = (step) => row[row.indexOf(input) + step];
    const target = {
      ArrowUp: () => cellIn(here.previousElementSibling, input.dataset.name),
      ArrowDown: () => cellIn(here.nextElementSibling, input.dataset.name),
      ArrowLeft: () => (all || input.selectionEnd === 0) && beside(-1),
      ArrowRight: () => (all || input.selectionStart === input.value.length) && beside(1),
    }[event.key]?.();
    if (!target) return false;
    form.goTo(target);
    return true;
  }

  // The last line: sums, and whether they are the document's

  function showTotals(totals) {
    for (const cell of root.querySelectorAll("tfoot [data-column]")) {
      const table = cell.closest(".grid").dataset.table;
      const total = totals.find((each) => each.table === table && each.column === cell.dataset.column);
      const off = total?.agrees === false;
      cell.textContent = total ? total.text : "";
      cell.dataset.agrees = total?.agrees ?? "";
      cell.title = off ? cell.dataset.off.replace("{missing}", total.missing) : "";
    }
  }

  return { add, remove, split, merge, paste, fill, arrow, showTotals, blankLine, number, linesOf, cellsOf };
}

// Tab-separated text as spreadsheets copy it: a cell with a line break or a tab in it stands in double quotes.
export function cellsFrom(text) {
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const row = rows.at(-1);
    const char = text[at];
    if (quoted) {
      if (char !== '"') row[row.length - 1] += char === "\n" ? " " : char;
      else if (text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
      else quoted = false;
    } else if (char === '"' && row.at(-1) === "") quoted = true;
    else if (char === "\t") row.push("");
    else if (char === "\n") rows.push([""]);
    else if (char !== "\r") row[row.length - 1] += char;
  }
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
  return rows;
}
