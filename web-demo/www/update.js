// Offline use and new versions. A page that is open stays what it is; the reader is told when there is a new one.

import { notices } from "./strings.js";
import { tell } from "./toast.js";

/** Milliseconds between two looks for a new version. */
const BETWEEN_LOOKS = 30 * 60 * 1000;

let isReloading = false;

/** Has the service worker keep the page. Without it the page works all the same, only not offline. `keep()` keeps drawings. */
export async function keepOffline(keep) {
  const workers = container();
  if (workers === null) return;
  let { controller } = workers;
  try {
    const registration = await workers.register("sw.js");
    watch(registration, keep);
    workers.addEventListener("controllerchange", () => {
      const before = controller;
      controller = workers.controller;
      if (isReloading) location.reload();
      else if (before !== null && controller !== before) offer(keep, null);
    });
    const look = () => document.visibilityState === "visible" && registration.update().catch(() => {});
    document.addEventListener("visibilitychange", look);
    setInterval(look, BETWEEN_LOOKS);
    (await workers.ready).active.postMessage("keep the rest");
  } catch (fault) {
    console.warn(fault);
  }
}

/** Whether the host has another version than this page: then what is missing does not come back. */
async function wasReplaced() {
  try {
    const response = await fetch("./", { cache: "no-store" });
    const folder = new URL(".", import.meta.url).pathname.split("/").at(-2);
    return response.ok && !(await response.text()).includes(folder);
  } catch {
    return false;
  }
}

/** Tells what is missing; if it went with this page's version, that there is a new one. */
export async function tellMissing(text) {
  if (await wasReplaced()) tell(notices.gone, { label: notices.reload, act: () => location.reload() });
  else tell(text);
}

function container() {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    // A frame without an origin has none.
    return null;
  }
}

function watch(registration, keep) {
  const offerWaiting = () => {
    const { waiting } = registration;
    // Firefox shows the worker here for a while after it took over.
    if (waiting?.state === "installed" && navigator.serviceWorker.controller !== null) offer(keep, waiting);
  };
  offerWaiting();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offerWaiting);
  });
}

/** Offers the new version; until the reader takes it, the old one goes on. */
function offer(keep, waiting) {
  tell(notices.updated, {
    label: notices.reload,
    act: () => {
      keep();
      isReloading = true;
      if (waiting?.state === "installed") waiting.postMessage("take over");
      else location.reload();
    },
  });
}
