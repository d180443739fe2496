/**
 * The cookies of the frame's origin: only a window can read them, so a worker and the hub ask a
 * gate, anew each time.
 */
import { attempt, HadokenError } from '../../rpc/errors.ts';

/** By name; of those that are set. */
export type Cookies = Record<string, string>;

/** What gates are asked, and how they answer. `question`: by which the answer is known. */
export type CookieQuestion = { hadoken: 'COOKIES'; question: number; names: readonly string[] };
export type CookieAnswer = { hadoken: 'COOKIES'; question: number; cookies: Cookies };

/**
 * How long a worker waits for the gate of its own page, in ms: its window's thread may be a page's
 * that is busy for long.
 */
export const OWN_GATE_TIMEOUT = 30_000;

/** How long the hub waits for any gate, in ms: those that are late may be of pages that sleep. */
export const ANY_GATE_TIMEOUT = 1_000;

/**
 * Those of `names` that are set, in the window's document. Values are decoded, as Laravel's and
 * Angular's have to be; one that can't be stays as it is.
 */
export function readCookies(names: readonly string[]): Cookies {
  const cookies: Cookies = {};
  for (const pair of document.cookie.split('; ')) {
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    // Of two of a name the first is the one of the longer path.
    if (names.includes(name) && !Object.hasOwn(cookies, name))
      cookies[name] = attempt(() => decodeURIComponent(value)) ?? value;
  }
  return cookies;
}

export function answerCookies({ question, names }: CookieQuestion): CookieAnswer {
  return { hadoken: 'COOKIES', question, cookies: readCookies(names) };
}

export type CookieAsker = {
  /** Rejects with HOST_FAILED where no gate answers: better none is sent than one without. */
  read(names: readonly string[]): Promise<Cookies>;
  answer(answer: CookieAnswer): void;
};

/** Asks by `post`, which may reach several gates: the first that answers counts. */
export function createCookieAsker(
  post: (question: CookieQuestion) => void,
  /** In ms. */
  timeout: number,
): CookieAsker {
  const asked = new Map<number, (cookies: Cookies) => void>();
  let questions = 0;
  return {
    read: (names) =>
      new Promise((resolve, reject) => {
        questions += 1;
        const question = questions;
        const done = (cookies: Cookies): void => {
          clearTimeout(timer);
          asked.delete(question);
          resolve(cookies);
        };
        const timer = setTimeout(() => {
          asked.delete(question);
          reject(
            new HadokenError(
              'HOST_FAILED',
              `the cookies could not be read within ${timeout} ms, because no window of the ` +
                'frame answered: it is busy, or its tabs are asleep. Ask again when one is in use.',
            ),
          );
        }, timeout);
        asked.set(question, done);
        post({ hadoken: 'COOKIES', question, names });
      }),
    answer: ({ question, cookies }) => asked.get(question)?.(cookies),
  };
}
