/**
 * The service worker. It keeps the shell of the chat (scripts, styles and one page without anybody's data in it), and
 * shows that page where the network has none. `SHELL` is printed before this by chat/web/offline.py; a deploy changes
 * it, and so brings a new worker, which takes over at once: pages themselves come from the network whenever it is there.
 *
 * No page of a signed-in user, no answer of the API and no file that somebody sent is ever put into Cache Storage.
 */

const CACHE = `shell:${SHELL.version}`;
const FILES = new Set(SHELL.files);
/** What proxies answer for a server that is away. */
const AWAY = new Set([502, 503, 504]);

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(answer(event)));
addEventListener("notificationclick", (event) => event.waitUntil(openFrom(event.notification)));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else if (FILES.has(new URL(request.url).pathname)) event.respondWith(file(request));
});

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all([cache.addAll(SHELL.files), keepPage()]);
  await skipWaiting();
}

async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith("shell:") && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  // The network is asked while this worker is still being started.
  await registration.navigationPreload?.enable();
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const page of pages) page.postMessage({ kind: "version", version: SHELL.version });
}

/** In the language in which the user reads now. */
async function keepPage() {
  const cache = await caches.open(CACHE);
  await cache.add(new Request(SHELL.page, { cache: "reload" }));
}

const keptPage = () => caches.match(SHELL.page, { cacheName: CACHE });

async function navigate(event) {
  try {
    const response = (await event.preloadResponse) ?? (await fetch(event.request));
    return AWAY.has(response.status) ? ((await keptPage()) ?? response) : response;
  } catch (error) {
    const page = await keptPage();
    if (page) return page;
    throw error;
  }
}

/** Names with a hash in them never change their meaning; in development there are none, and the network is asked first. */
async function file(request) {
  const kept = () => caches.match(request, { cacheName: CACHE });
  if (SHELL.hashed) return (await kept()) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept();
    if (found) return found;
    throw error;
  }
}

/** What pages ask of it. */
async function answer({ data, source }) {
  if (data === "version") source?.postMessage({ kind: "version", version: SHELL.version });
  if (data === "language") await keepPage();
}

/** To the tab that is there, which knows the way to the message; else a new one. */
async function openFrom(notification) {
  notification.close();
  const address = notification.data?.address ?? "/";
  const [page] = await clients.matchAll({ type: "window" });
  if (!page) return void (await clients.openWindow(address));
  await page.focus();
  page.postMessage({ kind: "open", address });
}
