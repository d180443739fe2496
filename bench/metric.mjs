import { median, quantile } from './statistics.mjs';

/**
 * One thing that was measured, for every side: a sample a round. Sides are compared within each round, and the
 * median of that is taken: a machine that is busy for a while is so for both.
 */
export class Metric {
  /** `unit` as it is printed; `digits` after the point; `base`: the side that the others are compared with. */
  constructor({ title, unit, samples, base, digits = 2 }) {
    Object.assign(this, { title, unit, samples, base, digits });
  }

  get sides() {
    return Object.keys(this.samples);
  }

  median(side) {
    return median(this.samples[side]);
  }

  /** The middle half of the samples: [lower quartile, upper quartile]. */
  spread(side) {
    return [0.25, 0.75].map((share) => quantile(this.samples[side], share));
  }

  ratio(side, base = this.base) {
    return this.#compare(side, base, (a, b) => a / b);
  }

  difference(side, base = this.base) {
    return this.#compare(side, base, (a, b) => a - b);
  }

  #compare(side, base, compare) {
    const others = this.samples[base];
    return median(this.samples[side].map((value, round) => compare(value, others[round])));
  }

  format(value) {
    return value.toLocaleString('en', {
      minimumFractionDigits: this.digits,
      maximumFractionDigits: this.digits,
    });
  }
}
