/** What `refresh` gives and `signIn()` is given: tokens, and who has signed in. */
import { attempt, HadokenError } from '../../rpc/errors.ts';
import { isRecord } from '../../rpc/is-object.ts';
import type { Token } from '../options/vault.ts';

/** What an OAuth server's answer has, whose names are not ours. @see RFC 6749, 5.1 */
const OAUTH = ['access_token', 'expires_in'];

/**
 * `value`, which `refresh` has given or `signIn()` was given; throws a TypeError for what is no
 * token. `isForHeader`: it has to be one that a header takes. By a wrong clock `expiresIn` may be
 * negative, which counts as 0: the token is used once, and the next request asks for another.
 */
export function readToken(value: unknown, isForHeader: boolean): Token | undefined {
  if (value === undefined || value === null) return undefined;
  const given = Object(value) as Partial<Token> & Record<string, unknown>;
  const { token, expiresIn } = given;
  const other = OAUTH.find((name) => given[name] !== undefined);
  if (other !== undefined)
    throw new TypeError(
      `it has ${other}. Give { token: answer.access_token, expiresIn: answer.expires_in }.`,
    );
  if (typeof token !== 'string' || !token)
    throw new TypeError('there is no token in it. Give { token, expiresIn }, or nothing.');
  if (isForHeader && !attempt(() => new Headers({ authorization: token })))
    throw new TypeError('its token has characters that no header takes.');
  if (expiresIn === undefined) return { token };
  if (typeof expiresIn !== 'number' || Number.isNaN(expiresIn))
    throw new TypeError(`its expiresIn is ${JSON.stringify(expiresIn)}, and no number of seconds.`);
  return { token, expiresIn: Math.max(expiresIn, 0) };
}

function invalidSignIn(why: string): HadokenError {
  return new HadokenError('INVALID_ARGUMENT', `vault.signIn(): ${why}`);
}

/** What `signIn()` was given. Throws INVALID_ARGUMENT for what can't be read. */
export function readSignedIn(
  who: unknown,
  isForHeader: boolean,
): { made?: Token | undefined; origin?: string | undefined } {
  if (who === undefined) return {};
  if (!isRecord(who)) throw invalidSignIn('give { origin, token, expiresIn }, or nothing.');
  const { origin, token, ...rest } = who;
  const other = Object.keys(rest).find((name) => name !== 'expiresIn');
  if (other !== undefined)
    throw invalidSignIn(`there is no ${other}, but origin, token and expiresIn.`);
  if (origin !== undefined && typeof origin !== 'string')
    throw invalidSignIn('origin is no string.');
  if (token === undefined) return { origin };
  if (origin === undefined)
    throw invalidSignIn(
      'a token is for the pages of one origin. Give { origin: this.origin } too.',
    );
  try {
    return { origin, made: readToken({ token, ...rest }, isForHeader) };
  } catch (error) {
    throw invalidSignIn((error as Error).message);
  }
}
