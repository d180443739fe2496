/** Request headers that the platform keeps for itself. */

const FORBIDDEN = new RegExp(
  '^(accept-(charset|encoding)|access-control-request-(headers|method)|connection|content-length|' +
    'cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|' +
    'transfer-encoding|upgrade|via|(proxy|sec)-.*)$',
);

/**
 * Whether a script can't set the header of that `name`, in small letters, whatever its value.
 * @see https://fetch.spec.whatwg.org/#forbidden-request-header
 */
export function isForbiddenName(name: string): boolean {
  return FORBIDDEN.test(name);
}
