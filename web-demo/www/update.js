// Offline use and new versions. A page that is open stays what it is; the reader is told when there is a new one.

import { notices } from "./strings.js";
import { offer, tell } from "./toast.js";

/** Milliseconds between two looks for a new version. */
const BETWEEN_LOOKS = 30 * 60 * 1000;

/** Makes sure that a reload brings the drawings back. */
let secure = () => {};
let isReloading = false;

/** Has `work` done before this module loads the page again. */
export function beforeReload(work) {
  secure = work;
}

/** A notice's button that loads the page again. */
export const reloading = { label: notices.reload, act: reload };

function reload() {
  secure();
  location.reload();
}

/**
 * Has the service worker keep the page, and calls `kept()` once all of it is. Without a worker the page works all the same,
 * only not offline.
 */
export async function keepOffline(kept) {
  const workers = container();
  if (workers === null) return;
  let { controller } = workers;
  try {
    const registration = await workers.register("sw.js");
    watch(registration);
    workers.addEventListener("controllerchange", () => {
      const before = controller;
      controller = workers.controller;
      if (isReloading) location.reload();
      else if (before !== null && controller !== before) offerReload(null);
    });
    workers.addEventListener("message", ({ data }) => data === "all is kept" && kept());
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

/** Tells that this page was replaced by a new version, if it was; whether it was. */
export async function tellIfReplaced() {
  const isReplaced = await wasReplaced();
  if (isReplaced) tell(notices.gone, reloading);
  return isReplaced;
}

/** Tells what is missing; if it went with this page's version, that there is a new one. */
export async function tellMissing(text, action = null) {
  if (!(await tellIfReplaced())) tell(text, action);
}

function container() {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    // A frame without an origin has none.
    return null;
  }
}

function watch(registration) {
  const offerWaiting = () => {
    const { waiting } = registration;
    const { controller } = navigator.serviceWorker;
    // Firefox shows the worker here for a while after it took over, and on a busy machine as installed still.
    if (waiting?.state === "installed" && controller !== null && waiting !== controller) offerReload(waiting);
  };
  offerWaiting();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offerWaiting);
  });
}

/** Offers the new version; until the reader takes it, the old one goes on. */
function offerReload(waiting) {
  offer(notices.updated, {
    label: notices.reload,
    act: () => {
      isReloading = true;
      if (waiting?.state !== "installed") return reload();
      secure();
      waiting.postMessage("take over");
    },
  });
}
