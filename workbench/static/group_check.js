// Group check by keyboard: arrows go through the crops, space or x marks a wrong one, Ctrl+Enter confirms the others.

import { post, sendLast } from "./review/server.js";

const strip = document.querySelector("#crops");
const crops = [...strip.querySelectorAll(".crop")];
const said = document.querySelector("#said");
let done = false;

const isWrong = (crop) => crop.getAttribute("aria-pressed") === "true";
const leaseOf = ({ dataset }) => ({ task: dataset.task, epoch: Number(dataset.epoch) });
const toggle = (crop) => crop.setAttribute("aria-pressed", !isWrong(crop));

async function confirm() {
  if (done) return;
  done = true;
  const right = crops.filter((crop) => !isWrong(crop)).map(leaseOf);
  const wrong = crops.filter(isWrong).map(leaseOf);
  try {
    location.assign((await post("/group-check/decide", { field: strip.dataset.field, right, wrong })).next);
  } catch (error) {
    done = false;
    if (error.status === undefined) throw error;
    said.value = `${error.problem.what ?? ""} ${error.problem.do ?? ""} (${error.problem.code ?? error.status})`;
  }
}

// The crop a row above or below is the nearest one that begins at the same place.
function beside(crop, key) {
  const at = crops.indexOf(crop);
  const across = crops.filter((each) => each.offsetTop === crops[0].offsetTop).length;
  return crops[at + { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[key]];
}

strip.addEventListener("click", (event) => {
  const crop = event.target.closest(".crop");
  if (crop) toggle(crop);
});
document.addEventListener("keydown", (event) => {
  const crop = event.target.closest(".crop") ?? crops[0];
  if (event.ctrlKey && event.key === "Enter") confirm();
  else if (event.key === "x" && !event.ctrlKey && !event.altKey) toggle(crop);
  else if (event.key.startsWith("Arrow")) beside(crop, event.key)?.focus();
  else return;
  event.preventDefault();
});
document.querySelector("#confirm").addEventListener("click", confirm);
addEventListener("pagehide", () => {
  if (done) return;
  for (const crop of crops) sendLast(`/review/${crop.dataset.task}/release`, { epoch: crop.dataset.epoch });
});
crops[0].focus();
