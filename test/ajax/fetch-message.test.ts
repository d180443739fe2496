import { expect } from '@esm-bundle/chai';
import { readFetchMessage } from '../../src/ajax/fetch-message.ts';

const bytes = new ArrayBuffer(1);
const taken = [
  { type: 'end' },
  { type: 'abort' },
  { type: 'chunk', bytes },
  { type: 'taken', loaded: 0 },
  { type: 'taken', loaded: 1 },
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
  { type: 'cancel' },
  { type: 'taken' },
  { type: 'taken', loaded: '1' },
  { type: 'taken', loaded: -1 },
  { type: 'taken', loaded: Number.NaN },
  { type: 'taken', loaded: Infinity },
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
