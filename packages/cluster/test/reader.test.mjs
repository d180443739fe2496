import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Reader } from '../src/reader.js';

describe('the reader', () => {
  it('gives the answer to an earlier question not to who has begun to follow the stream since', async () => {
    const questions = [];
    const connection = {
      whenUp: async () => {},
      call: (args) => new Promise((answer) => questions.push({ after: args.at(-1), answer })),
    };
    const reader = new Reader(connection, assert.fail);
    reader.follow('s', '5-0', () => assert.fail('it does not follow any more'));
    await sleep(0);
    reader.unfollow('s');
    const got = [];
    // A new owner begins with what is pending, which the earlier one has read already.
    reader.follow('s', '0-0', (entries) => got.push(...entries.map(({ id }) => id)));
    const entry = (id) => [id, ['h', 'event', 'd', '1']];
    questions[0].answer([['s', [entry('6-0')]]]);
    await sleep(0);
    assert.equal(questions[1].after, '0-0');
    questions[1].answer([['s', [entry('4-0'), entry('6-0')]]]);
    await sleep(0);
    assert.deepEqual(got, ['4-0', '6-0']);
    reader.close();
  });
});
