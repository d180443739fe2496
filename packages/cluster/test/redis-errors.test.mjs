import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDemoted, isRefused } from '../src/redis-errors.js';

const READONLY = "READONLY You can't write against a read only replica.";
/** As Redis 7.0 gives them to node-redis 5 and ioredis 5, and one of Redis 6. */
const messages = {
  demoted: [
    READONLY,
    `${READONLY} script: 6dd07ece2fe1, on @user_script:4.`,
    `ERR Error running script (call to f_6dd07ece2fe1): @user_script:4: @user_script: 4: -${READONLY}`,
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  ],
  refused: [
    'LOADING Redis is loading the dataset in memory',
    "OOM command not allowed when used memory > 'maxmemory'. script: 6dd07ece2fe1, on @user_script:4.",
    'NOREPLICAS Not enough good replicas to write.',
  ],
  other: [
    'ERR wrong number of arguments',
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'GAP after 5',
    'ERR READONLY is no command',
  ],
};

describe('what Redis answers', () => {
  for (const [kind, list] of Object.entries(messages))
    for (const message of list)
      it(`is ${kind}: ${message.slice(0, 60)}`, () => {
        const error = new Error(message);
        assert.equal(isDemoted(error), kind === 'demoted');
        assert.equal(isRefused(error), kind === 'demoted' || kind === 'refused');
      });
});
