/** The longest that a timer takes, in ms: one that is given more fires at once. */
export const LONGEST = 2 ** 31 - 1;
