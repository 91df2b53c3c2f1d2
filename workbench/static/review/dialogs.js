// The dialogs: each form is sent to the desk under its own name, and the buttons close or copy.

export function listenToDialogs(main, { send, say, texts }, signal) {
  for (const form of main.querySelectorAll("form[data-send]")) {
    form.addEventListener(
      "submit",
      async () => {
        await send(form.dataset.send, Object.fromEntries(new FormData(form)));
        form.reset();
      },
      { signal },
    );
  }

  const acts = {
    close: (button) => button.closest("dialog").close(),
    copy: copyText,
  };

  async function copyText() {
    const area = main.querySelector("#lost-text");
    area.select();
    await navigator.clipboard?.writeText(area.value).catch(() => document.execCommand("copy"));
    say(texts.copied);
  }

  main.addEventListener("click", (event) => acts[event.target.closest("dialog [data-act]")?.dataset.act]?.(event.target), { signal });
}
