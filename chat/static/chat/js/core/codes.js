/**
 * Error codes and close codes of im.v1: the JavaScript side of chat/errors.py. A test keeps the two equal.
 */

/**
 * Every `code` of an `error` frame. `temporary`: the same request may succeed later without a change, so the
 * outbox tries again; everything else is a refusal that only the user can answer.
 *
 * @type {Readonly<Record<string, {temporary: boolean}>>}
 */
export const ERRORS = Object.freeze({
  bad_frame: { temporary: false },
  unknown_type: { temporary: false },
  not_logged_in: { temporary: false },
  bad_credentials: { temporary: false },
  forbidden: { temporary: false },
  not_found: { temporary: false },
  too_large: { temporary: false },
  empty: { temporary: false },
  conflict: { temporary: false },
  blocked: { temporary: false },
  muted: { temporary: false },
  rate_limited: { temporary: true },
  recall_expired: { temporary: false },
  storage_full: { temporary: true },
  server_error: { temporary: true },
});

/** Why a connection ends. */
export const CLOSE = Object.freeze({
  NORMAL: 1000,
  GOING_AWAY: 4000,
  SERVER_ERROR: 4001,
  SLOW_CONSUMER: 4002,
  HEARTBEAT_TIMEOUT: 4008,
  RATE_LIMITED: 4029,
  BAD_FRAME: 4500,
  UNAUTHENTICATED: 4501,
  FORBIDDEN: 4503,
  TOO_LARGE: 4513,
});

/**
 * May the outbox try this again by itself? A code that this client is too old to know is a refusal: repeating
 * what was not understood helps nobody.
 *
 * @param {string} code
 */
export const isTemporary = (code) => ERRORS[code]?.temporary ?? false;

/**
 * 4500–4999 end it until something changes; everything else, 1006 and unknown codes included, is worth another try.
 *
 * @param {number} closeCode
 */
export const mayReconnect = (closeCode) => closeCode < 4500 || closeCode > 4999;

/**
 * The codes after which only signing in again helps.
 *
 * @param {number} closeCode
 */
export const isSignedOut = (closeCode) => closeCode === CLOSE.UNAUTHENTICATED || closeCode === CLOSE.FORBIDDEN;

/** @type {Readonly<Record<string, number>>} */
const CLOSE_CODES = Object.freeze({
  bad_frame: CLOSE.BAD_FRAME,
  bad_credentials: CLOSE.UNAUTHENTICATED,
  forbidden: CLOSE.FORBIDDEN,
  not_logged_in: CLOSE.UNAUTHENTICATED,
  rate_limited: CLOSE.RATE_LIMITED,
  too_large: CLOSE.TOO_LARGE,
});

/**
 * What a refused request means for a session that consists of requests.
 *
 * @param {string} code of an error
 */
export const closeCodeOf = (code) => CLOSE_CODES[code] ?? CLOSE.SERVER_ERROR;
