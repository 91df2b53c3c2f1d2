// The lease goes on while somebody is there: a page left open gives its task back in time.

const SIGNS = ["keydown", "pointermove", "wheel"];
const IDLE = 60_000; // milliseconds without a sign, after which nobody is thought to be at work

// `beat()` tells the desk; `seconds` apart at most while there are signs of a person.
export function keepLease(beat, seconds, signal) {
  let active = false;
  for (const sign of SIGNS) addEventListener(sign, () => (active = true), { passive: true, signal });
  const timer = setInterval(() => {
    if (active) beat();
    active = false;
  }, seconds * 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  beat(); // the task may have been leased ahead, or the page is loaded again
}

// Seconds of work: the page is looked at, and somebody gave a sign within the last minute. They are taken to be told to the
// desk, and put back where it could not be told.
export function watchTime(signal) {
  let seconds = 0;
  let sign = performance.now();
  for (const each of [...SIGNS, "pointerdown"]) addEventListener(each, () => (sign = performance.now()), { passive: true, signal });
  const timer = setInterval(() => {
    if (document.visibilityState === "visible" && performance.now() - sign < IDLE) seconds += 1;
  }, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  return {
    take() {
      const taken = seconds;
      seconds = 0;
      return taken;
    },
    putBack: (taken) => (seconds += taken),
  };
}
