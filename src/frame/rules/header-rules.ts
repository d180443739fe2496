/**
 * What the names of request headers mean to servers, and which of them no rule lets cross by
 * itself.
 */

import { isForbiddenName } from '../../ajax/forbidden-headers.ts';

/**
 * A header's name as servers take it that make a variable of it: to CGI, WSGI, PHP and Apache
 * before 2.4, `X-A`, `x_a` and `x.a` are all `HTTP_X_A`
 * (https://www.djangoproject.com/weblog/2015/jan/13/security/, CVE-2015-0219). Headers are compared
 * by it everywhere.
 */
export function headerKey(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

export function isSameHeader(one: string, other: string): boolean {
  return headerKey(one) === headerKey(other);
}

/** Any request may carry these: https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const SAFE: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'range',
]);

/**
 * By these some servers let a POST be another method: a rule that names methods refuses them unless
 * it names them too.
 */
const METHOD_OVERRIDES: ReadonlySet<string> = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);

/** Of a method override's value. */
const FORBIDDEN_METHODS = /(?:^|,)\s*(?:connect|trace|track)\s*(?:,|$)/i;

/**
 * Headers that a proxy, a CDN or a login service in front of a server sets, and that the server
 * trusts: who asks, from where, for which host and path. No page has a reason to send them. `*`
 * ends a name that begins so.
 */
const TRUSTED = [
  // Which client, host, scheme and path the proxy was asked for: RFC 7239, and before it
  // https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
  'forwarded*',
  'x-forward*',
  'x-real-*',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-*',
  'x-host*',
  'x-http-host*',
  'x-proxy*',
  'client-ip',
  'cluster-client-ip',
  'x-custom-ip-authorization',
  'front-end-https',
  'true-client-ip',
  'wl-proxy-*',
  // Another path than the URL's: IIS' rewriting, Symfony and Zend (CVE-2018-14773), Traefik's
  // ReplacePath; https://github.com/benoitc/gunicorn/issues/2650,
  // https://flask.palletsprojects.com/deploying/proxy_fix/
  'x-original*',
  'x-rewrite-*',
  'x-replaced-path',
  'x-override-url',
  'x-http-destinationurl',
  // Where WebDAV's COPY and MOVE write to: RFC 4918, 10.3.
  'destination',
  'path-info',
  'script-name',
  'x-script-name',
  'x-scheme',
  'x-url-scheme',
  // Files that the proxy is to send: CVE-2025-61780 in Rack.
  'x-accel-*',
  'x-sendfile-*',
  // A CGI program's own proxy: https://httpoxy.org
  'proxy',
  // Next.js skips its middleware, and with it the login: CVE-2025-29927.
  'x-middleware-*',
  // https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
  'x-envoy-*',
  // https://developers.cloudflare.com/fundamentals/reference/http-headers/
  'cf-access-*',
  'cf-connecting-*',
  'cf-ipcountry',
  'cf-pseudo-ipv4',
  'cf-visitor',
  'cf-worker',
  // https://www.fastly.com/documentation/reference/http/http-headers/, Fly.io, DigitalOcean,
  // Netlify, Akamai
  'fastly-*',
  'fly-client-ip',
  'fly-forwarded-*',
  'do-connecting-ip',
  'x-nf-client-*',
  'x-akamai-edgescape',
  // https://vercel.com/docs/headers/request-headers
  'x-vercel-forwarded-*',
  'x-vercel-ip-*',
  'x-vercel-proxied-*',
  // CloudFront, API Gateway, and https://docs.aws.amazon.com/elasticloadbalancing/latest/
  // (listener-authenticate-users, mutual-authentication). X-Amzn-Trace-Id is not among them, for
  // https://github.com/aws-observability/aws-rum-web sends it from pages.
  'cloudfront-*',
  'x-amzn-mtls-*',
  'x-amzn-oidc-*',
  'x-amzn-remapped-*',
  'x-amzn-tls-*',
  // https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol, App Service and
  // its login
  'x-appservice-*',
  'x-arr-*',
  'x-azure-*',
  'x-fd-*',
  'x-ms-client-principal*',
  'x-ms-token-*',
  'disguised-host',
  'was-default-hostname',
  // https://cloud.google.com/iap/docs/identity-howto, App Engine, API Gateway
  'x-apigateway-api-userinfo',
  'x-appengine-*',
  'x-endpoint-api-userinfo',
  'x-goog-authenticated-*',
  'x-goog-iap-*',
  // Who has logged in: Kubernetes (front proxy), Authelia, oauth2-proxy, Grafana, authentik, Kong,
  // Pomerium, Tailscale
  'remote-*',
  'x-authenticated-*',
  'x-authentik-*',
  'x-auth-request-*',
  'x-consumer-*',
  'x-credential-identifier',
  'x-pomerium-*',
  'x-remote-*',
  'x-webauth-*',
  'tailscale-*',
  // The client's certificate: RFC 9440, and before it
  'client-cert*',
  'ssl-client-*',
  'x-client-cert*',
  'x-client-verify',
  'x-ssl-*',
];
const isBeginning = (name: string): boolean => name.endsWith('*');
const TRUSTED_NAMES = new Set(TRUSTED.filter((name) => !isBeginning(name)));
const TRUSTED_BEGINNINGS = TRUSTED.filter(isBeginning).map((name) => name.slice(0, -1));

/** Whether `key` is a header that a server may take for its proxy's. */
export function isProxyHeader(key: string): boolean {
  const begins = (beginning: string): boolean => key.startsWith(beginning);
  return TRUSTED_NAMES.has(key) || TRUSTED_BEGINNINGS.some(begins);
}

/**
 * Whether no script may set it. The browser drops such headers by their own names; in another
 * spelling they would get past it, and in Node nobody drops them.
 */
export function isForbiddenHeader([name, value]: readonly [name: string, value: string]): boolean {
  const key = headerKey(name);
  if (isForbiddenName(key)) return true;
  return METHOD_OVERRIDES.has(key) && FORBIDDEN_METHODS.test(value);
}

/** What a rule says of headers, as a question about their keys. */
export type HeaderRule = {
  allows(key: string): boolean;
  /**
   * Of the headers that a request has, by their keys: those that the rule's `headers` must name
   * too, to allow them all.
   */
  missing(keys: readonly string[]): string[];
};

/** `named`: the rule's own `headers`. */
export function createHeaderRule(named: string[] | undefined, namesMethods: boolean): HeaderRule {
  const keys = named && new Set(named.map(headerKey));
  const allows = (key: string): boolean => {
    if (keys?.has(key)) return true;
    if (isProxyHeader(key)) return false;
    return keys ? SAFE.has(key) : !namesMethods || !METHOD_OVERRIDES.has(key);
  };
  const missing = (asked: readonly string[]): string[] => {
    if (asked.every(allows)) return [];
    // A list that a rule did not have before has to name all.
    return asked.filter((key) => !SAFE.has(key) && !keys?.has(key));
  };
  return { allows, missing };
}
