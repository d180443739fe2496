/**
 * A mark: what was wanted, what was measured. `aim`: good to have. `why` says what stands in the way; it is printed
 * where the mark is missed.
 */
function mark(what, value, limit, unit, met, { aim = false, why = '' } = {}) {
  return { what, value, limit, unit, met, aim, why };
}

export const atMost = (what, value, limit, unit, more) =>
  mark(what, value, `≤ ${limit} ${unit}`, unit, value <= limit, more);

export const atLeast = (what, value, limit, unit, more) =>
  mark(what, value, `≥ ${limit} ${unit}`, unit, value >= limit, more);
