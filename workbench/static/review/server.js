// Talking to the desk: JSON out, JSON back, one error type. Document text stays on the page whatever happens.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.code ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

const tokenTag = document.querySelector('meta[name="csrf-token"]');

export async function post(path, body, { accept = "application/json" } = {}) {
  let response = await send(path, body, accept);
  if (response.status === 403 && (await response.clone().json()).code === "A503" && (await renewToken())) {
    response = await send(path, body, accept); // signed in again in another tab: the same person, a new token
  }
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return accept === "text/html" ? response.text() : response.json();
}

function send(path, body, accept) {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: `${accept}, application/json`, "X-CSRF-Token": tokenTag.content },
    body: JSON.stringify(body),
    redirect: "error",
  }).catch(() => {
    throw new Refused(0, {});
  });
}

async function renewToken() {
  const response = await fetch("/session", { headers: { Accept: "application/json" } });
  if (!response.ok) return false;
  tokenTag.content = (await response.json()).csrf;
  return true;
}
