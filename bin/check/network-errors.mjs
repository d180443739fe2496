/** What the network says when there is no answer, as a finding. */

/** What OpenSSL says of a certificate, and what to change. */
const certificates = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'It is self-signed. Get one from a certificate authority.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its chain ends at an authority that nobody knows.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'Its chain is not whole. Send the intermediate certificates with it.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'Its chain is not whole, or its authority is unknown. Send the intermediate certificates with it.',
  CERT_HAS_EXPIRED: 'It has expired. Renew it.',
  CERT_NOT_YET_VALID: 'It is not valid yet. Look at the clock of the server and of this computer.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'It is for another name. Get one that has this name.',
};

const OWN_AUTHORITY = 'If it is from an authority of your own, name that in NODE_EXTRA_CA_CERTS.';

/**
 * @param {URL} url
 * @param {Error & { code?: string, errors?: Error[] }} error
 * @param {number} timeout in ms
 * @returns {[code: string, message: string]}
 */
export function describeNetworkError(url, error, timeout) {
  const { host, hostname } = url;
  const code = error.code ?? error.errors?.[0]?.code;
  if (error.name === 'TimeoutError')
    return [
      'no-answer',
      `${url.href} did not answer within ${timeout} ms. Look at the server, and at the firewall before it.`,
    ];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return [
      'name-not-found',
      `${hostname} does not resolve. Look at its spelling, and at the DNS record.`,
    ];
  if (Object.hasOwn(certificates, code ?? ''))
    return [
      'certificate',
      `The certificate of ${host} is not trusted: ${code}. ${certificates[code]} ${OWN_AUTHORITY}`,
    ];
  if (/^(ERR_SSL_|EPROTO)/.test(code ?? ''))
    return [
      'certificate',
      `${host} does not speak TLS as it should: ${code}. Look at the scheme and port of the URL, and at the server's TLS.`,
    ];
  return [
    'unreachable',
    `${host} can't be reached: ${code ?? error.message}. Start the server, or correct the scheme, host and port.`,
  ];
}
