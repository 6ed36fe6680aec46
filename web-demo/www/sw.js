// Offline: keeps the page's files, each checked against its checksum, and answers from them.
//
// `cargo xtask web` fills in the version and the list. A new version is fetched beside the old one and takes over when
// the last tab of the old one is closed, so that no page is served from two versions.

const VERSION = "@VERSION@";
const FILES = JSON.parse('@FILES@');
const PREFIX = `leq ${self.registration.scope} `;
const NAME = PREFIX + VERSION;

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) event.respondWith(answer(event.request));
});

async function keep() {
  const cache = await caches.open(NAME);
  // Names in the version's folder are never reused; the others may lie in the browser's cache from before.
  const request = ([path, integrity]) =>
    new Request(path, { integrity, cache: path.startsWith("v-") ? "default" : "reload" });
  await cache.addAll(FILES.map(request));
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request) {
  const cache = await caches.open(NAME);
  const path = new URL(request.url).href.slice(self.registration.scope.length).replace(/[?#].*/, "");
  const kept = await cache.match(path === "index.html" || path === "" ? "./" : request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok && path.startsWith("v-")) await cache.put(request, response.clone());
  return response;
}
