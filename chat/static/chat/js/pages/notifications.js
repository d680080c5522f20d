/**
 * The settings of notifications: what this browser allows, a button to ask it, and one to see and hear how it will be.
 * Other tabs take over what was saved.
 */

import { Chime } from "../notify/chime.js";
import { element, readJson, slot } from "../ui/page.js";

/** @param {string} username */
export function enhanceNotifications(username) {
  const channel = new BroadcastChannel(`notifications:${username}`);
  channel.postMessage(readJson("notifications"));
  channel.close();
  const place = element("this-browser");
  const [allow, attempt] = ["allow", "try"].map((action) => {
    return /** @type {HTMLButtonElement} */ (place.querySelector(`[data-action="${action}"]`));
  });
  const show = () => {
    const permission = globalThis.Notification?.permission ?? "denied";
    for (const each of /** @type {const} */ (["granted", "default", "denied"])) {
      const words = slot(place, each);
      if (words) words.hidden = permission !== each;
    }
    allow.hidden = permission !== "default";
  };
  allow.addEventListener("click", async () => {
    await Notification.requestPermission();
    show();
  });
  const { chime = "", icon, site = "" } = place.dataset;
  const sound = new Chime(chime);
  attempt.addEventListener("click", async () => {
    void sound.play();
    if (globalThis.Notification?.permission !== "granted") return;
    try {
      new Notification(site, { icon, silent: true, tag: "try" });
    } catch {
      await (await navigator.serviceWorker?.getRegistration())?.showNotification(site, { icon, silent: true, tag: "try" });
    }
  });
  show();
  place.hidden = false;
}
