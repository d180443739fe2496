/** Ids of entries in a Redis stream: `<ms>-<number>`, in the order of the stream. */

/** Before every entry. */
export const FIRST = '0-0';

/** Whether `value` is a whole id. What a client sends as its offset is checked with this. */
export const isStreamId = (value) => typeof value === 'string' && /^\d{1,15}-\d{1,15}$/.test(value);

/** When the entry was added, in ms by Redis's clock. */
export const timeOf = (id) => Number(id.slice(0, id.indexOf('-')));

const numberOf = (id) => Number(id.slice(id.indexOf('-') + 1));

/** Below 0 when `a` is earlier than `b`, above 0 when it is later. */
export const compareIds = (a, b) => timeOf(a) - timeOf(b) || numberOf(a) - numberOf(b);
