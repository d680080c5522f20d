/** What is said of a file beside its name. */

const UNITS = ["B", "KB", "MB", "GB"];
const BADGE_CHARS = 4;

/** `PDF`; nothing for a name without an extension, or with a long one. @param {string} name */
export function badgeOf(name) {
  const extension = /.\.([\p{L}\p{N}]+)$/u.exec(name)?.[1] ?? "";
  return extension.length <= BADGE_CHARS ? extension.toUpperCase() : "";
}

/** `9.4 KB`. @param {number} size */
export function sizeText(size) {
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit += 1) size /= 1024;
  return `${size.toFixed(unit > 0 && size < 10 ? 1 : 0)} ${UNITS[unit]}`;
}
