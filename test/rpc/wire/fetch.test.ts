import { expect } from '@esm-bundle/chai';
import {
  readFetchCommand,
  readFetchMessage,
  readWireResponse,
} from '../../../src/rpc/wire/fetch.ts';

const bytes = new ArrayBuffer(1);
const taken = [
  { id: 0, type: 'request', request: 'for ajax/request.ts to say' },
  { id: 1, type: 'end' },
  { id: 1, type: 'abort' },
  { id: 1, type: 'chunk', bytes },
  { id: 1, type: 'taken', loaded: 0 },
  { id: 1, type: 'taken', loaded: 1 },
];
const ids = [undefined, null, '1', -1, 0.5, Number.NaN, Infinity, 1n, [1], {}];
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

describe('readFetchCommand', () => {
  for (const message of taken) {
    it(`takes ${message.type}`, () => {
      expect(readFetchCommand(message)).to.deep.equal(message);
    });
  }
  for (const [at, message] of dropped.entries()) {
    it(`drops ${at}: ${String(JSON.stringify(message))}`, () => {
      expect(readFetchCommand(message)).to.equal(undefined);
      const numbered = Object(message) === message ? { id: 1, ...Object(message) } : message;
      expect(readFetchCommand(numbered)).to.equal(undefined);
    });
  }
  it('drops what has no number', () => {
    for (const id of ids)
      for (const message of taken) expect(readFetchCommand({ ...message, id })).to.equal(undefined);
  });
});

describe('what the page reads of a frame', () => {
  const progress = { loaded: 1, total: 2 };

  it('is what the frame said, and nothing that it says besides', () => {
    const message = { id: 1, type: 'chunk', bytes, progress };
    expect(readFetchMessage({ ...message, extra: 1 })).to.deep.equal({ ...message });
    const head = {
      status: 200,
      statusText: 'OK',
      headers: [['a', 'b']],
      url: 'https://api.test/',
      type: 'basic',
      redirected: false,
      bytes,
      done: true,
      downloaded: progress,
    };
    expect(readWireResponse({ ...head, own: { json: { value: 1 } }, text: 1 })).to.deep.equal({
      ...head,
      timing: {},
    });
  });

  it('lacks what is of another type', () => {
    const wrong = {
      id: '1',
      type: 1,
      bytes: { byteLength: 1 },
      progress: { loaded: '1', total: {} },
    };
    expect(readFetchMessage(wrong)).to.deep.equal({ progress: {} });
    for (const value of [
      undefined,
      null,
      'text',
      1,
      [],
      { bytes: 'text', status: '200', done: 1, downloaded: 7 },
    ])
      expect(readWireResponse(value)).to.deep.equal({
        downloaded: {},
        timing: {},
      });
  });
});
