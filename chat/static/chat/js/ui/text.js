/**
 * The words of the interface, in the user's language. They come with the page (`#text`, from the same catalogue as the
 * templates); nothing is joined from parts here.
 */

/** @typedef {string | {one?: string, other: string}} Entry */

export class Words {
  #entries;
  #plurals;
  #lists;

  /** @param {Record<string, Entry>} entries @param {string} locale */
  constructor(entries, locale) {
    this.#entries = entries;
    this.#plurals = new Intl.PluralRules(locale);
    this.#lists = new Intl.ListFormat(locale, { type: "conjunction" });
  }

  /** @param {string} key */
  has(key) {
    return key in this.#entries;
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values] `count` chooses the plural form
   */
  say(key, values = {}) {
    const entry = this.#entries[key] ?? key;
    const text = typeof entry === "string" ? entry : this.#pluralForm(entry, Number(values.count));
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  /** “[Photo]” and the like, for what is not text; empty for text. @param {string | undefined} kind of a message */
  kind(kind) {
    return this.has(`preview_${kind}`) ? this.say(`preview_${kind}`) : "";
  }

  /** 甲、乙和丙. @param {string[]} names */
  list(names) {
    return this.#lists.format(names);
  }

  /** @param {{one?: string, other: string}} forms @param {number} count */
  #pluralForm(forms, count) {
    return (this.#plurals.select(count) === "one" && forms.one) || forms.other;
  }
}
