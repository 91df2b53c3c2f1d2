// The next document is prepared while this one is worked on: leased ahead, its page fetched and its first image loaded.

import { getPage, post } from "./server.js";

export function createUpcoming(viewer) {
  let ready = null; // {address, page}

  async function prepare() {
    ready = null;
    const { address } = await post("/review/upcoming", {}).catch(() => ({}));
    const page = address ? await getPage(address) : null;
    const panel = page?.querySelector("#review .viewer");
    if (!panel) return; // nothing to do, or something to confirm first
    viewer.prepare(panel.dataset.document, JSON.parse(panel.dataset.sheets));
    ready = { address, page };
  }

  // The page of an address, as prepared or fetched now; null where it is no review.
  async function take(address) {
    const known = ready && address.startsWith(ready.address) ? ready.page : null;
    ready = null;
    const page = known ?? (await getPage(address));
    return page?.querySelector("#review") ? page : null;
  }

  return { prepare, take };
}
