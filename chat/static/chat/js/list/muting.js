/**
 * How long a mute lasts: the choices of chat/web/muting.py, as the API has them.
 */

const HOUR_MS = 3_600_000;
const MORNING_HOUR = 8;

/** @type {Record<string, () => {muted: true} | {muted_until: number}>} */
export const MUTES = {
  mute_1h: () => ({ muted_until: Date.now() + HOUR_MS }),
  mute_8h: () => ({ muted_until: Date.now() + 8 * HOUR_MS }),
  mute_tomorrow: () => {
    const morning = new Date();
    morning.setDate(morning.getDate() + 1);
    return { muted_until: morning.setHours(MORNING_HOUR, 0, 0, 0) };
  },
  mute_1w: () => ({ muted_until: Date.now() + 7 * 24 * HOUR_MS }),
  mute_forever: () => ({ muted: true }),
};
