/** The findings of one run, in the order in which they were found. */
import { codes } from './codes.mjs';

/**
 * @typedef {{ code: string, severity: import('./codes.mjs').Severity, message: string, docs: string }} Finding
 * @typedef {{ add(code: string, message: string): void, findings: Finding[] }} Report
 */

const LONGEST_QUOTE = 200;
const RANKS = ['error', 'warning', 'note'];

// What a server has sent may hold line breaks, and the sequences that steer a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it takes away
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** `text` as one line without control characters. */
const toLine = (text) => String(text).replace(CONTROL, ' ').trim();

/** What a server has sent, for a message: one line, and not too long. */
export function quote(text, longest = LONGEST_QUOTE) {
  const line = toLine(text);
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** @returns {Report} */
export function createReport() {
  /** @type {Finding[]} */
  const findings = [];
  return {
    findings,
    add(code, message) {
      const [severity, docs] = codes[code];
      findings.push({ code, severity, message: toLine(message), docs });
    },
  };
}

/** How many findings there are of each severity. @param {Finding[]} findings */
export const countFindings = (findings) =>
  RANKS.map((rank) => findings.filter(({ severity }) => severity === rank).length);

/** One line a finding, the worst first. @param {Finding[]} findings */
export function toLines(findings) {
  const width = Math.max(0, ...findings.map(({ code }) => code.length));
  const sorted = [...findings].sort(
    (a, b) => RANKS.indexOf(a.severity) - RANKS.indexOf(b.severity),
  );
  return sorted.map(
    ({ severity, code, message, docs }) =>
      `${severity.padEnd(8)} ${code.padEnd(width)}  ${message} → ${docs}`,
  );
}
