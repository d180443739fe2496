/**
 * What Redis answers when it is there and does not do what it is asked. Redis 7 begins such an answer with the code, also where
 * a script is refused. Redis 6 says `ERR Error running script (…): @user_script:4: @user_script: 4: -READONLY …` then.
 * node-redis and ioredis both hand it on as the message of an error.
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
const codeOf = ({ message }) => /^(?:ERR Error running script.* -)?([A-Z]+) /.exec(message)?.[1];

/** It is a replica now, or one that has lost its primary. Where the address leads to by now is another one, or will be. */
const DEMOTED = new Set(['READONLY', 'MASTERDOWN']);

/** It will not stay so. */
const REFUSED = new Set([
  ...DEMOTED,
  'BUSY',
  'LOADING',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'UNBLOCKED',
]);

/** @param {Error} error */
export const isDemoted = (error) => DEMOTED.has(codeOf(error));

/** Whether the same command may be done a little later. @param {Error} error */
export const isRefused = (error) => REFUSED.has(codeOf(error));
