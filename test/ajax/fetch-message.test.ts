import { expect } from '@esm-bundle/chai';
import { readFetchMessage } from '../../src/ajax/fetch-message.ts';

const bytes = new ArrayBuffer(1);
const taken = [
  { type: 'end' },
  { type: 'cancel' },
  { type: 'abort' },
  { type: 'chunk', bytes },
  { type: 'credit', bytes: 1 },
];
const dropped = [
  undefined,
  null,
  'end',
  [],
  {},
  { type: 'progress', loaded: 1 },
  { type: 'constructor' },
  { type: ['end'] },
  { type: 'chunk' },
  { type: 'chunk', bytes: 4e9 },
  { type: 'chunk', bytes: new Uint8Array(1) },
  { type: 'credit' },
  { type: 'credit', bytes: '1' },
  { type: 'credit', bytes: 0 },
  { type: 'credit', bytes: -1 },
  { type: 'credit', bytes: Number.NaN },
  { type: 'credit', bytes: Infinity },
  { type: 'pull' },
  { type: 'error', error: { name: 'Error', message: '' } },
];

describe('readFetchMessage', () => {
  for (const message of taken) {
    it(`takes ${message.type}`, () => {
      expect(readFetchMessage(message)).to.equal(message);
    });
  }
  for (const [at, message] of dropped.entries()) {
    it(`drops ${at}: ${String(JSON.stringify(message))}`, () => {
      expect(readFetchMessage(message)).to.equal(undefined);
    });
  }
});
