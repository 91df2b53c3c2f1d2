// What is typed is kept by the desk, a moment after each change: a reload, or the next holder, finds it there.

const WAIT = 700; // ms without a change
const AGAIN = 5000; // ms until what failed is tried again

// `save()` answers when it was kept (ISO), or nothing where it was not; `say(text)` shows it.
export function createAutosave(save, say, signal) {
  let timer;
  let pending = false;
  let saving = false;

  function touch() {
    pending = true;
    clearTimeout(timer);
    timer = setTimeout(run, WAIT);
  }

  async function run() {
    if (saving || signal.aborted) return;
    saving = true;
    pending = false;
    const at = await save();
    saving = false;
    if (signal.aborted) return;
    if (at) say(at);
    pending ||= !at;
    if (pending) timer = setTimeout(run, at ? WAIT : AGAIN);
  }

  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    touch,
    get pending() {
      return pending || saving;
    },
  };
}
