/** How long browsers keep the files: the rules briefly, the scripts not for ever, and not never. */
import { namesOf } from './files.mjs';

/** In seconds. SECURITY.md says `no-cache` or a minute; five are let pass. */
const LONGEST_FOR_RULES = 300;
const LONGEST_FOR_SCRIPTS = 86_400;
const RULES = ['frame.html', 'host.js'];

/**
 * How long an answer counts as fresh, in seconds; undefined: the browser guesses.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-4.2
 */
function freshness({ header }) {
  const control = (header('cache-control') ?? '').toLowerCase();
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const age = /\bmax-age\s*=\s*"?(\d+)/.exec(control)?.[1];
  if (age !== undefined) return Number(age);
  const expires = header('expires');
  if (expires !== undefined) {
    const seconds = (Date.parse(expires) - Date.parse(header('date') ?? new Date())) / 1_000;
    // A date that can't be read is in the past.
    return Math.max(0, seconds || 0);
  }
  return header('last-modified') === undefined ? 0 : undefined;
}

const isStored = ({ answer }) => !/\bno-store\b/i.test(answer.header('cache-control') ?? '');

/** A URL that changes with the release may be kept for ever. */
const hasVersion = ({ url }) => url.search !== '' || /\d+\.\d+\.\d+/.test(url.pathname);

/** @param {import('./files.mjs').File[]} files frame.html among them */
export function checkCaching(files, { report }) {
  for (const { name, url, answer } of files.filter((file) => RULES.includes(file.name))) {
    const seconds = freshness(answer);
    const kept =
      seconds === undefined
        ? 'without Cache-Control, so browsers guess how long to keep it'
        : `for ${seconds} s`;
    if (seconds === undefined || seconds > LONGEST_FOR_RULES)
      report.add(
        'cache-rules',
        `${url.href} is kept ${kept}, and ${name} is your policy. Send Cache-Control: no-cache.`,
      );
  }
  const scripts = files.filter(({ name }) => !RULES.includes(name));
  const long = scripts.filter(
    (file) => freshness(file.answer) > LONGEST_FOR_SCRIPTS && !hasVersion(file),
  );
  if (long.length)
    report.add(
      'cache-scripts-long',
      `Kept for more than a day: ${namesOf(long)}. After an update, page and frame may be of different releases for as long. Send Cache-Control: no-cache or a short max-age, or put the release into the folder's name.`,
    );
  const never = scripts.filter((file) => !isStored(file));
  if (never.length)
    report.add(
      'cache-scripts-none',
      `Never kept: ${namesOf(never)}. Each visit loads them again. Send Cache-Control: no-cache in place of no-store.`,
    );
}
