// Offline: keeps the page's files, each checked against its checksum, and answers from them.
//
// `cargo xtask web` fills in the version and the lists. A new version is fetched beside the old one and takes over when a
// page asks it to, or when the last tab of the old one is closed. What an old version kept stays until the next one, so
// that a page of it that is still open finds its files.

const VERSION = "@VERSION@";
/** What every visit needs, and what only some parts of the page need: `[path, integrity]` each. */
const FILES = JSON.parse('@FILES@');
const REST = JSON.parse('@REST@');
const PREFIX = `leq ${self.registration.scope} `;
const NAME = PREFIX + VERSION;

self.addEventListener("install", (event) => event.waitUntil(keep(FILES)));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "keep the rest") event.waitUntil(keepRest(event.source));
});
self.addEventListener("fetch", (event) => {
  const { method, url, cache } = event.request;
  if (method !== "GET" || !url.startsWith(self.registration.scope) || cache === "no-store") return;
  event.respondWith(answer(event.request));
});

function requestOf([path, integrity]) {
  // Names in the version's folder are never reused; the others may lie in the browser's cache from before.
  return new Request(path, { integrity, cache: path.startsWith("v-") ? "default" : "reload" });
}

async function keep(files) {
  const cache = await caches.open(NAME);
  await cache.addAll(files.map(requestOf));
}

/** One after the other, each on its own: one that does not come now comes when it is asked for. Tells the page if all came. */
async function keepRest(page) {
  const cache = await caches.open(NAME);
  let isWhole = true;
  for (const file of REST) {
    if ((await cache.match(file[0])) !== undefined) continue;
    await cache.addAll([requestOf(file)]).catch(() => (isWhole = false));
  }
  if (isWhole) page?.postMessage("all is kept");
}

async function takeOver() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  // In the order of their making: the last one is the version before this.
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request) {
  const path = new URL(request.url).href.slice(self.registration.scope.length).replace(/[?#].*/, "");
  const kept = await find(path === "index.html" || path === "" ? "./" : request, path);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok && path.startsWith("v-")) await (await caches.open(NAME)).put(request, response.clone());
  return response;
}

/** What was kept: by this version, or, of a versioned file, by the one before. */
async function find(request, path) {
  const own = await (await caches.open(NAME)).match(request);
  if (own !== undefined || !path.startsWith("v-")) return own;
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const found = await (await caches.open(name)).match(request);
    if (found !== undefined) return found;
  }
  return undefined;
}
