/**
 * What the server printed into the page for this client, and the elements that both sides agreed on.
 *
 * @typedef {import("../core/frames.js").Conversation} Conversation
 *
 * @typedef {{name: string, avatar: string | null, initials: string, color: number}} Person
 *
 * @typedef {object} Boot
 * @property {{username: string, name: string, avatar: string | null, enter_sends?: boolean, undo_s?: number}} user
 * @property {string} epoch
 * @property {"" | "unread" | "mentions" | "groups" | "archived" | "drafts"} filter What the list shows.
 * @property {Record<string, number>} cursors
 * @property {Conversation | null} conversation The open one.
 * @property {Conversation[]} conversations As the list shows them.
 * @property {Record<string, Person>} people
 * @property {Record<string, number>} [unread_elsewhere] Of unmuted conversations that the list leaves out.
 * @property {Record<string, number[]>} [mentions] Unread messages that mention the user, by conversation.
 * @property {number | null} first_unread
 * @property {number | null} target
 * @property {boolean} has_older
 * @property {boolean} has_newer
 * @property {string} language
 * @property {string} locale
 * @property {string} timezone
 * @property {{content_chars: number, recall_s: number, group_gap_s: number, page: number, attachments: number, upload_bytes: number, forward: number}} limits
 * @property {string} site
 * @property {import("../notify/decide.js").Settings} notifications
 * @property {string} shell The version of what the service worker keeps; empty where that is switched off.
 * @property {number} [kept_at] Set where the page was made of what this browser kept then: Unix ms.
 * @property {string} socket
 * @property {string} api
 * @property {string} sprite
 * @property {Record<"list" | "conversation" | "row" | "info" | "names" | "peek" | "keys" | "rows" | "permalink" | "signin" | "chime" | "icon", string>} urls
 */

/** @param {string} id of a JSON block @returns {any} null when the page has none */
export function readJson(id) {
  const text = document.getElementById(id)?.textContent;
  return text ? JSON.parse(text) : null;
}

/**
 * An element that this page must have; without it the enhancement must not begin, and the plain page stays.
 *
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return /** @type {Kind} */ (found);
}

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} name
 * @returns {Kind | null}
 */
export const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

/** Puts text into a slot and shows it. @param {ParentNode} root @param {string} name @param {string} text */
export function fill(root, name, text) {
  const found = slot(root, name);
  if (!found) return;
  found.textContent = text;
  found.hidden = false;
}

/** A fresh copy of what a `<template>` holds. @param {string} id @returns {HTMLElement} */
export function clone(id) {
  const template = /** @type {HTMLTemplateElement} */ (/** @type {unknown} */ (element(id)));
  const first = template.content.firstElementChild;
  if (!first) throw new Error(`The template #${id} is empty.`);
  return /** @type {HTMLElement} */ (document.importNode(first, true));
}

/** @param {string} pattern with {names} @param {Record<string, string | number>} values */
export const makeUrl = (pattern, values) =>
  pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? encodeURIComponent(values[name]) : whole));

/** What Django wants back with every write. The cookie is asked first: a sign-in in another tab changes it. */
export function csrfToken() {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=csrfmiddlewaretoken]"));
  return cookie?.slice("csrftoken=".length) ?? field?.value ?? "";
}

/** A page on a busy machine may never be idle. */
const IDLE_WITHIN_MS = 5_000;

/** After everything that the first view needs, and before the network may be gone. @param {() => Promise<unknown>} work */
export function whenIdle(work) {
  const begin = () => {
    // Gone already: links and forms do what the server made them for.
    work().catch((error) => console.warn("Not everything could be loaded:", error));
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(begin, { timeout: IDLE_WITHIN_MS });
  else setTimeout(begin);
}

/** The same work for every call. @param {() => Promise<void>} work */
export function once(work) {
  /** @type {Promise<void> | undefined} */
  let done;
  return () => (done ??= work());
}

/** Somebody is looking: only then is something read, and only then is it said aloud. */
export const isWatched = () => document.visibilityState === "visible" && document.hasFocus();
