/**
 * Times as people say them, in the page's language and time zone.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export class Times {
  #words;
  #format;
  #relative;
  #now;

  /**
   * @param {import("./text.js").Words} words
   * @param {string} locale
   * @param {string} timeZone
   * @param {() => number} [now]
   */
  constructor(words, locale, timeZone, now = Date.now) {
    /** @param {Intl.DateTimeFormatOptions} options @param {string} [language] */
    const format = (options, language = locale) => new Intl.DateTimeFormat(language, { timeZone, ...options });
    this.#words = words;
    this.#now = now;
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    this.#format = {
      clock: format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
      weekday: format({ weekday: "long" }),
      monthDay: format({ month: "short", day: "numeric" }),
      dayOfYear: format({ month: "long", day: "numeric", weekday: "long" }),
      longDate: format({ year: "numeric", month: "long", day: "numeric", weekday: "long" }),
      full: format({ dateStyle: "full", timeStyle: "short" }),
      // en-CA writes 2026-11-22, which is the key of a day and sorts.
      day: format({ year: "numeric", month: "2-digit", day: "2-digit" }, "en-CA"),
    };
  }

  /** 14:05. @param {number} at Unix ms */
  clock(at) {
    return this.#format.clock.format(at);
  }

  /** With everything, for a tooltip. @param {number} at */
  full(at) {
    return this.#format.full.format(at);
  }

  /** The calendar day, as 2026-11-22. @param {number} at */
  dayKey(at) {
    return this.#format.day.format(at);
  }

  /** The heading of a day: today, yesterday, or its date. @param {number} at */
  dayHeading(at) {
    const age = this.#daysAgo(at);
    if (age === 0 || age === 1) return capitalised(this.#relative.format(-age, "day"));
    return (this.#isThisYear(at) ? this.#format.dayOfYear : this.#format.longDate).format(at);
  }

  /** For a list: as short as it can be without being ambiguous. @param {number} at */
  short(at) {
    const age = this.#daysAgo(at);
    if (this.#now() - at < MINUTE_MS) return this.#words.say("time_just_now");
    if (age === 0) return this.clock(at);
    if (age === 1) return capitalised(this.#relative.format(-1, "day"));
    if (age > 1 && age < 7) return this.#format.weekday.format(at);
    if (this.#isThisYear(at)) return this.#format.monthDay.format(at);
    return this.dayKey(at).split("-").map(Number).join("/");
  }

  /** For “last seen …”. @param {number} at */
  ago(at) {
    const minutes = Math.floor((this.#now() - at) / MINUTE_MS);
    if (minutes < 1) return this.#words.say("time_just_now");
    if (minutes < 60) return this.#words.say("time_minutes", { count: minutes });
    return this.short(at);
  }

  /** @param {number} at */
  #isThisYear(at) {
    return this.dayKey(at).slice(0, 4) === this.dayKey(this.#now()).slice(0, 4);
  }

  /** @param {number} at */
  #daysAgo(at) {
    const [today, day] = [this.#now(), at].map((each) => Date.parse(this.dayKey(each)));
    return Math.round((today - day) / DAY_MS);
  }
}

/** @param {string} text */
const capitalised = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
