// The whole form as one text, and back: what undo goes through.

const KEPT = ["state", "page", "box", "raw", "seen"];

// `grid` knows the rows, `placed(input)` follows the change of a value.
export function createSnapshots(root, grid, placed) {
  const fields = () => [...root.querySelectorAll("#form-body .field .value")];
  const tables = () => [...root.querySelectorAll("#form-body .grid")];

  const valueOf = (input) => [input.value, ...KEPT.map((name) => input.dataset[name] ?? null)];
  const rowOf = (line) => [line.dataset.was ?? "", Number(grid.cellsOf(line)[0].dataset.row), grid.cellsOf(line).map(valueOf)];

  function read() {
    return JSON.stringify([fields().map(valueOf), tables().map((table) => grid.linesOf(table).map(rowOf))]);
  }

  function write(text) {
    const [values, rows] = JSON.parse(text);
    fields().forEach((input, at) => setValue(input, values[at]));
    tables().forEach((table, at) => setRows(table, rows[at]));
  }

  function setRows(table, rows) {
    const lines = grid.linesOf(table);
    const machines = new Map(lines.filter((line) => line.dataset.was).map((line) => [line.dataset.was, line]));
    const spare = lines.filter((line) => !line.dataset.was);
    const wanted = rows.map(([was]) => machines.get(was) ?? spare.shift() ?? blank(table, was));
    for (const line of lines) if (!wanted.includes(line)) line.remove();
    wanted.forEach((line, at) => {
      const [, number, values] = rows[at];
      table.querySelector("tbody").append(line);
      grid.cellsOf(line).forEach((input, column) => {
        input.dataset.row = number;
        input.id = "";
        setValue(input, values[column]);
      });
    });
    grid.number(table);
  }

  function blank(table, was) {
    const line = grid.blankLine(table);
    if (was) line.dataset.was = was;
    return line;
  }

  function setValue(input, [text, ...kept]) {
    input.value = text;
    KEPT.forEach((name, at) => (kept[at] === null ? delete input.dataset[name] : (input.dataset[name] = kept[at])));
    placed(input);
  }

  return { read, write };
}
