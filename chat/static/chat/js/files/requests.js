/**
 * The requests that files need. `fetch` cannot tell how much of a body has gone, so uploads go the older way.
 *
 * @typedef {import("./uploads.js").Post} Post
 * @typedef {import("../core/frames.js").Attachment} Attachment
 */

import { csrfToken } from "../ui/page.js";

/** Nothing has moved for so long: the connection is dead, whatever the browser believes. */
const STALLED_MS = 60_000;

/** @param {string} api @returns {Post} */
export const postTo = (api) => (upload, onProgress) => {
  const request = new XMLHttpRequest();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => request.abort(), STALLED_MS);
  };
  /** @type {Promise<Attachment>} */
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => {
      watch();
      onProgress(total > 0 ? loaded / total : 0);
    };
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status < 300 && answer?.id) resolve(answer);
      else reject(answer?.error ?? { code: request.status === 413 ? "too_large" : "server_error" });
    };
    request.onerror = request.onabort = () => reject({ code: "unreachable" });
    request.onloadend = () => clearTimeout(timer);
  });
  const form = new FormData();
  form.append("id", upload.id);
  form.append("file", upload.file);
  request.open("POST", `${api}attachments/`);
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(form);
  watch();
  return { done, abort: () => request.abort() };
};

/** @param {string} api @param {Attachment} attachment @param {string} alt @returns {Promise<Attachment>} */
export async function describe(api, { id }, alt) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const answer = await fetch(`${api}attachments/${id}/`, { method: "PATCH", headers, body: JSON.stringify({ alt }) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** What is not sent after all frees its room at once; what this misses, the server deletes after a day. @param {string} api @param {string} id */
export function discard(api, id) {
  const headers = { "X-CSRFToken": csrfToken() };
  fetch(`${api}attachments/${id}/`, { method: "DELETE", headers, keepalive: true }).catch(() => {});
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page
  }
}
