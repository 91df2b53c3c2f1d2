// One way to ask the desk about the task at hand; what goes wrong is said, and the text stays.

import { post, renewToken, signIn } from "./server.js";

// `onLost()`: somebody else has the task now.
export function createDesk(main, base, texts, { onLost }) {
  const status = main.querySelector("#status");
  const dialog = main.querySelector("#signed-out-dialog");
  let failing = false;
  let signingIn = null;

  const say = (text) => (status.value = text);

  async function ask(path, body, options) {
    try {
      const answer = await post(`${base}/${path}`, body, options);
      if (failing || path !== "heartbeat") say("");
      failing = false;
      return answer;
    } catch (error) {
      if (error.status === undefined) throw error;
      if (error.status === 401) return (await signInAgain()) ? ask(path, body, options) : refused(texts.signedOut);
      return explain(error);
    }
  }

  function explain({ status: code, problem }) {
    if (code === 0 || code === 503) return refused(texts.offline);
    if (code === 409 && problem.code === texts.lostCode) onLost();
    else say(`${problem.what ?? ""} ${problem.do ?? ""} (${problem.code ?? code})`);
    return null;
  }

  function refused(text) {
    failing = true;
    say(text);
    return null;
  }

  // Everything that waits for the session waits for one dialog
  function signInAgain() {
    signingIn ??= askForPassword().finally(() => (signingIn = null));
    return signingIn;
  }

  function askForPassword() {
    const form = dialog.querySelector("form");
    const problem = dialog.querySelector("#signed-out-problem");
    return new Promise((resolve) => {
      const done = new AbortController();
      const finish = (signedIn) => {
        done.abort();
        dialog.close();
        form.reset();
        resolve(signedIn);
      };
      const listen = (target, kind, act) => target.addEventListener(kind, act, { signal: done.signal });
      listen(form, "submit", async (event) => {
        event.preventDefault();
        const answer = await signIn(form.elements.name.value, form.elements.password.value).catch(() => 0);
        if (answer === true) finish(true);
        else problem.textContent = answer === 0 ? texts.offline : texts.wrongPassword;
      });
      listen(dialog, "cancel", () => finish(false));
      listen(window, "focus", async () => (await renewToken().catch(() => false)) && finish(true)); // in another tab
      problem.textContent = "";
      if (!dialog.open) dialog.showModal();
    });
  }

  return {
    ask,
    say,
    get failing() {
      return failing;
    },
  };
}
