/** An error of the cluster, told apart by its `code`. The message says what to do. */
export class ClusterError extends Error {
  /**
   * @param {string} code for example `NO_REDIS`
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
  }
}
