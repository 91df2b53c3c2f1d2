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
  }).catch(offline);
}

function offline() {
  throw new Refused(0, {});
}

// A page of the desk, parsed and inert; null where there is none to be had now.
export async function getPage(address) {
  const response = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  return response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
}

// What is sent while the page goes away: a form, as browsers let nothing else through then.
export function sendLast(path, fields) {
  const form = new URLSearchParams({ csrf: tokenTag.content, ...fields });
  navigator.sendBeacon(path, form);
}

// Signing in again, in another tab or in place

export async function renewToken() {
  const response = await fetch("/session", { headers: { Accept: "application/json" } }).catch(offline);
  if (!response.ok) return false;
  tokenTag.content = (await response.json()).csrf;
  return true;
}

// True, or the status of the answer that refused it.
export async function signIn(name, password) {
  const page = await getPage("/sign-in");
  const csrf = page?.querySelector('form.sign-in [name="csrf"]')?.value;
  if (!csrf) return (await renewToken()) || 0; // signed in meanwhile
  const response = await fetch("/sign-in", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ csrf, name, password, next: "/session" }),
  }).catch(offline);
  if (!response.ok) return response.status;
  tokenTag.content = (await response.json()).csrf;
  return true;
}
