// The desk page stays up to date: the server says when its figures have changed; where it cannot, they are asked for.

const EVERY = 15_000; // milliseconds between two questions without a stream
const figures = document.getElementById("figures");
let asking = 0;

function refresh() {
  if (figures.contains(document.activeElement) && document.activeElement.matches("summary, button, a")) return wait();
  htmx.trigger(figures, "figures-changed");
}

// What has the keyboard's focus stays where it is; the figures follow when the focus leaves.
function wait() {
  figures.addEventListener("focusout", () => htmx.trigger(figures, "figures-changed"), { once: true });
}

const stream = new EventSource("/desk/events");
stream.addEventListener("changed", refresh);
stream.addEventListener("open", () => {
  clearInterval(asking);
  asking = 0;
});
stream.addEventListener("error", () => {
  if (stream.readyState === EventSource.CLOSED) asking ||= setInterval(refresh, EVERY);
});

// Tables that were open stay open.
let open = [];
document.addEventListener("htmx:beforeSwap", () => {
  open = [...figures.querySelectorAll("details[open]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});
