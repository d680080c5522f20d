/**
 * Served where `IM_OFFLINE` is off: takes the place of the worker that a browser has from before, takes away what that
 * one kept, and leaves. Pages that are open go on with the network alone.
 */

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const names = (await caches.keys()).filter((name) => name.startsWith("shell:"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await registration.unregister();
}
