/**
 * Which conversation somebody is about to open: the pointer rests on its row, or the keyboard's focus does.
 */

/** Shorter than this, a pointer only passes by. */
const RESTS_MS = 65;
/** However much one wanders about the list, the server is not asked more often. */
const EVERY_MS = 300;

/** @param {HTMLElement} list @param {(link: HTMLAnchorElement) => void} act */
export function watchIntent(list, act) {
  const { connection } = /** @type {{connection?: {saveData: boolean}}} */ (/** @type {unknown} */ (navigator));
  if (!matchMedia("(hover: hover) and (pointer: fine)").matches || connection?.saveData) return;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let lastAt = -Infinity;
  const begin = (/** @type {Event} */ event) => {
    clearTimeout(timer);
    const link = /** @type {HTMLElement} */ (event.target).closest(".conv-link");
    if (!link) return;
    const rest = () => {
      lastAt = performance.now();
      act(/** @type {HTMLAnchorElement} */ (link));
    };
    timer = setTimeout(rest, Math.max(RESTS_MS, lastAt + EVERY_MS - performance.now()));
  };
  for (const name of ["pointerover", "focusin"]) list.addEventListener(name, begin);
  for (const name of ["pointerleave", "focusout"]) list.addEventListener(name, () => clearTimeout(timer));
}
