/**
 * The REST API as a client without a socket needs it: JSON both ways, a deadline for each request, and a clear line
 * between what the server answered and what only the way to it did (a proxy's page, a cut, silence).
 *
 * @typedef {import("./clock.js").Clock} Clock
 *
 * @typedef {{status: number, headers: {get: (name: string) => string | null}, json: () => Promise<any>}} HttpAnswer
 * @typedef {{method: string, headers: Record<string, string>, body: string, signal: AbortSignal}} HttpRequest
 * @typedef {(url: string, request: HttpRequest) => Promise<HttpAnswer>} Fetch The part of `fetch` that is used here.
 *
 * @typedef {object} Answer
 * @property {any} body
 * @property {import("./frames.js").ErrorFrame | null} refusal The server's no, with its code.
 * @property {string} epoch Of the store, where the route tells it; else empty.
 */

/** The server was not reached, or something else answered in its place. */
export class Unreachable extends Error {
  /** @param {string} why @param {number} [retryAfter] seconds, when something on the way named a time */
  constructor(why, retryAfter = 0) {
    super(why);
    this.retryAfter = retryAfter;
  }
}

export class Rest {
  #url;
  #fetch;
  #headers;
  #clock;
  /** @type {Set<AbortController>} requests under way */
  #underway = new Set();

  /**
   * @param {object} options
   * @param {string} options.url of the API, with a slash at its end
   * @param {Fetch} options.fetch
   * @param {() => Record<string, string>} options.headers who asks; called for each request, for a CSRF token changes
   * @param {Clock} options.clock
   */
  constructor({ url, fetch, headers, clock }) {
    this.#url = url;
    this.#fetch = fetch;
    this.#headers = headers;
    this.#clock = clock;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} body
   * @param {number} timeoutMs
   * @param {AbortController} [controller] ends the request when it is aborted
   * @returns {Promise<Answer>} rejects with Unreachable
   */
  async call(method, path, body, timeoutMs, controller = new AbortController()) {
    const timer = this.#clock.setTimeout(() => controller.abort(), timeoutMs);
    this.#underway.add(controller);
    try {
      return read(
        ...(await this.#exchange(this.#url + path, {
          method,
          headers: { "Content-Type": "application/json", Accept: "application/json", ...this.#headers() },
          body: JSON.stringify(body),
          signal: controller.signal,
        })),
      );
    } finally {
      this.#clock.clearTimeout(timer);
      this.#underway.delete(controller);
    }
  }

  /** Nobody waits for an answer any more. */
  abort() {
    for (const controller of this.#underway) controller.abort();
  }

  /** @param {string} url @param {HttpRequest} request @returns {Promise<[HttpAnswer, any]>} */
  async #exchange(url, request) {
    let answer;
    try {
      answer = await this.#fetch(url, request);
      return [answer, answer.status === 204 ? null : await answer.json()];
    } catch (error) {
      throw new Unreachable(String(error), Number(answer?.headers.get("Retry-After")) || 0);
    }
  }
}

/** @param {HttpAnswer} answer @param {any} body @returns {Answer} */
function read(answer, body) {
  if (answer.status < 300) return { body, refusal: null, epoch: answer.headers.get("Im-Epoch") ?? "" };
  if (typeof body?.error?.code === "string") return { body, refusal: body.error, epoch: "" };
  throw new Unreachable(`HTTP ${answer.status}`, Number(answer.headers.get("Retry-After")) || 0);
}
