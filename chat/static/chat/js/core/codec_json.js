/**
 * Frames as JSON text: one frame is an object, several are an array.
 *
 * @typedef {import("./frames.js").Frame} Frame
 *
 * @typedef {object} Codec
 * @property {(frames: Frame[]) => string} encode
 * @property {(payload: unknown) => Frame[]} decode Throws on what is not a frame.
 */

/** @param {unknown} value @returns {value is Frame} */
const isFrame = (value) =>
  typeof value === "object" && value !== null && typeof (/** @type {any} */ (value).type) === "string";

/** @param {string} payload in UTF-8 */
export const byteLength = (payload) => new TextEncoder().encode(payload).length;

/** @type {Codec} */
export const jsonCodec = {
  encode: (frames) => JSON.stringify(frames.length === 1 ? frames[0] : frames),

  decode(payload) {
    if (typeof payload !== "string") throw new TypeError("A JSON session carries text messages only.");
    const value = JSON.parse(payload);
    const frames = Array.isArray(value) ? value : [value];
    if (!frames.every(isFrame)) throw new TypeError("A frame is an object with a type.");
    return frames;
  },
};
