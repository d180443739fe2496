/** Values of headers, read as browsers read them. */

/** The type of a `Content-Type` without its parameters. @param {string | undefined} type */
export const essenceOf = (type) => (type ?? '').split(';')[0].trim().toLowerCase();

/** Whether it is a `Cross-Origin-Embedder-Policy` that asks something of what is embedded. @param {string | undefined} value */
export const isIsolating = (value) => /^\s*(require-corp|credentialless)\s*(;|$)/.test(value ?? '');
