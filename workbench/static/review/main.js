// The review tab: one viewer for the whole day, one screen for each document, and the way from one to the next.

import { openScreen } from "./screen.js";
import { sendLast } from "./server.js";
import { createUpcoming } from "./upcoming.js";
import { createViewer } from "./viewer.js";

const main = document.querySelector("#main");
let screen = null;

const viewer = createViewer(main.querySelector("#review"), {
  onWord: (text, page, box) => screen?.takeWord(page, box),
  onBox: (page, box) => screen?.readBox(page, box),
});
const upcoming = createUpcoming(viewer);

function open() {
  screen = openScreen(main, viewer, moveOn);
  upcoming.prepare();
}

async function moveOn(address) {
  const page = await upcoming.take(address);
  screen.close();
  screen = null;
  if (page) show(page, address);
  else location.assign(address);
}

function show(page, address) {
  const panel = main.querySelector(".viewer");
  const fresh = document.adoptNode(page.querySelector("#main"));
  const { document: documentId, sheets } = fresh.querySelector(".viewer").dataset;
  Object.assign(panel.dataset, { document: documentId, sheets });
  fresh.querySelector(".viewer").replaceWith(panel);
  main.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  history.replaceState(null, "", address);
  viewer.show(documentId, JSON.parse(sheets));
  open();
}

// Leaving: what was typed last goes along, and the task is given back unless the person returns at once

addEventListener("pagehide", () => {
  const last = screen?.last();
  if (last) sendLast(last.path, last.fields);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
addEventListener("beforeunload", (event) => {
  if (screen?.unsaved) event.preventDefault();
});

open();
