// The lease goes on while somebody is there: a page left open gives its task back in time.

const SIGNS = ["keydown", "pointermove", "wheel"];

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

// Seconds that the page was really looked at.
export function watchTime(signal) {
  let seconds = 0;
  const timer = setInterval(() => {
    if (document.visibilityState === "visible") seconds += 1;
  }, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  return () => seconds;
}
