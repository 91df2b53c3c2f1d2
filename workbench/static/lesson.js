// How long a known document took: from the page's showing to its sending.
const form = document.getElementById("lesson");
const begun = performance.now();
form?.addEventListener("submit", () => {
  form.elements.namedItem("seconds").value = ((performance.now() - begun) / 1000).toFixed(1);
});
