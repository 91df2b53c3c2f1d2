// Undo and redo over the whole form: fields, rows and states alike.

const MOST = 200;

// `read()` gives the form's state as text, `write(state)` puts it back.
export function createUndo(read, write) {
  let past = [];
  let future = [];
  let present = null; // as it stands; `begin` looks
  let at = null; // what the last change was made to: typing on in one field is one step

  function note(what) {
    const state = read();
    if (state === present) return;
    if (what === null || what !== at) past.push(present);
    if (past.length > MOST) past.shift();
    present = state;
    future = [];
    at = what;
  }

  function move(from, to) {
    if (!from.length) return false;
    to.push(present);
    present = from.pop();
    at = null;
    write(present);
    return true;
  }

  function begin() {
    past = [];
    future = [];
    present = read();
    at = null;
  }

  return { note, begin, undo: () => move(past, future), redo: () => move(future, past), pause: () => (at = null) };
}
