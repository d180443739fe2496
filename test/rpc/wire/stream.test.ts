import { expect } from '@esm-bundle/chai';
import fc from 'fast-check';
import {
  isCloseCode,
  isCloseReason,
  readStreamCommand,
  readStreamMessage,
  readStreamTarget,
  type StreamCommand,
  type StreamMessage,
  type StreamTarget,
} from '../../../src/rpc/wire/stream.ts';
import { env } from '../../support/env.ts';

const SHAPES = fc.anything({
  ...{ withDate: true, withMap: true, withSet: true, withTypedArray: true, withBigInt: true },
  ...{ withNullPrototype: true, withObjectString: true, withBoxedValues: true },
});

describe('the readers of what crosses for a stream', () => {
  it('give targets back, and no more than their fields', () => {
    for (const target of [
      { kind: 'eventSource', url: '/a', lastEventId: '', retry: undefined },
      { kind: 'eventSource', url: '/a', lastEventId: 'ü 42', retry: 0 },
      { kind: 'eventSource', url: '/a', lastEventId: '42', retry: 2 ** 31 - 1 },
      { kind: 'webSocket', url: 'ws://a', protocols: [] },
      { kind: 'webSocket', url: 'ws://a', protocols: ['a', 'b'] },
    ] satisfies StreamTarget[])
      expect(readStreamTarget({ ...target, extra: 1, constructor: 1 })).to.deep.equal(target);
    const protocols = Object.assign(['a'], { extra: 1 });
    const read = readStreamTarget({ kind: 'webSocket', url: '', protocols });
    expect(read).to.deep.equal({ kind: 'webSocket', url: '', protocols: ['a'] });
    expect(read && 'protocols' in read && read.protocols).not.to.equal(protocols);
  });

  for (const [what, target] of Object.entries({
    'no object': 'eventSource',
    'what it was once': ['ws://a', 'v1'],
    'no kind': { url: '/a' },
    'a kind that there is not': { kind: 'fetch', url: '/a' },
    'a kind that objects inherit': { kind: 'constructor', url: '/a' },
    'a kind that only looks alike': { kind: ['eventSource'], url: '/a' },
    'no URL': { kind: 'eventSource' },
    'a URL that is no string': { kind: 'eventSource', url: new URL('http://a') },
    'an id that is no string': { kind: 'eventSource', url: '/a', lastEventId: 7 },
    'an id with a line feed': { kind: 'eventSource', url: '/a', lastEventId: 'a\nCookie: b' },
    'an id with a carriage return': { kind: 'eventSource', url: '/a', lastEventId: 'a\r' },
    'an id with a NUL': { kind: 'eventSource', url: '/a', lastEventId: '\0' },
    'a negative wait': { kind: 'eventSource', url: '/a', retry: -1 },
    'a wait that no timer takes': { kind: 'eventSource', url: '/a', retry: 2 ** 31 },
    'a wait for ever': { kind: 'eventSource', url: '/a', retry: Infinity },
    'a wait that is none': { kind: 'eventSource', url: '/a', retry: Number.NaN },
    'a wait in text': { kind: 'eventSource', url: '/a', retry: '5' },
    'a wait that is null': { kind: 'eventSource', url: '/a', retry: null },
    'no protocols': { kind: 'webSocket', url: 'ws://a' },
    'a protocol for a list': { kind: 'webSocket', url: 'ws://a', protocols: 'v1' },
    'a protocol that is no string': { kind: 'webSocket', url: 'ws://a', protocols: ['v1', 2] },
    'what looks like a list': {
      kind: 'webSocket',
      url: 'ws://a',
      protocols: { length: 1, 0: 'v1' },
    },
  }))
    it(`take no target with ${what}`, () => {
      expect(readStreamTarget(target)).to.equal(undefined);
    });

  it('give commands back, and no more than their fields', () => {
    const close = { type: 'close', code: undefined, reason: '', readyState: 1 } as const;
    for (const command of [
      { type: 'send', data: '' },
      { type: 'send', data: new ArrayBuffer(1) },
      { type: 'send', data: new Blob(['a']) },
      close,
      { ...close, code: 1_000, readyState: 0 },
      { ...close, code: 3_000, reason: 'ü'.repeat(61) },
      { ...close, code: 4_999, reason: 'a'.repeat(123), readyState: 3 },
    ] satisfies StreamCommand[])
      expect(readStreamCommand({ ...command, extra: 1 })).to.deep.equal(command);
    expect(readStreamCommand({ type: 'close' })).to.deep.equal(close);
  });

  it('take no command that is none', () => {
    for (const command of [
      ...[undefined, null, 'close', [], {}, { type: 'open' }, { type: ['close'] }],
      ...[undefined, null, 7, {}, ['a'], new Uint8Array(1)].map((data) => ({ type: 'send', data })),
      ...[null, '1000', 0, 999, 1_001, 2_999, 3_000.5, 5_000, 66_536, -1, Number.NaN, {}].map(
        (code) => ({
          type: 'close',
          code,
        }),
      ),
      ...[null, 7, {}, 'a'.repeat(124), 'ü'.repeat(62)].map((reason) => ({
        type: 'close',
        reason,
      })),
      ...[null, -1, 4, 0.5, '0', {}].map((readyState) => ({ type: 'close', readyState })),
    ])
      expect(readStreamCommand(command)).to.equal(undefined);
  });

  it('give messages back with every field that one can have', () => {
    const state = { readyState: 1, lastEventId: 'a', retry: 5 };
    const empty = { protocol: '', extensions: '', data: '', code: 0, reason: '' };
    const event = { kind: '', type: '', ...empty, wasClean: false, isError: false };
    const noState = { readyState: 3, lastEventId: '', retry: 0 };
    const bytes = new ArrayBuffer(1);
    for (const [message, read] of [
      [{ sent: 5 }, { state: noState, sent: 5, event }],
      [{ state }, { state, sent: 0, event }],
      [
        { state, event: { kind: 'Event', type: 'error' } },
        { state, sent: 0, event: { ...event, kind: 'Event', type: 'error' } },
      ],
      [
        { event: { kind: 'Event', type: 'open', protocol: 'p', extensions: 'e' } },
        {
          ...{ state: noState, sent: 0 },
          event: { ...event, kind: 'Event', type: 'open', protocol: 'p', extensions: 'e' },
        },
      ],
      [
        { event: { kind: 'MessageEvent', type: 'a', data: bytes } },
        {
          state: noState,
          sent: 0,
          event: { ...event, kind: 'MessageEvent', type: 'a', data: bytes },
        },
      ],
      [
        { event: { kind: 'CloseEvent', code: 1_000, reason: 'r', wasClean: true, isError: false } },
        {
          ...{ state: noState, sent: 0 },
          event: { ...event, kind: 'CloseEvent', code: 1_000, reason: 'r', wasClean: true },
        },
      ],
    ] satisfies [StreamMessage, object][])
      expect(readStreamMessage({ ...message, extra: 1 })).to.deep.equal(read);
  });

  it('make nothing but named fields of the right types, of any value', function () {
    this.timeout(30_000);
    const known = fc.record(
      {
        ...{
          kind: fc.constantFrom('Event', 'MessageEvent', 'CloseEvent', 'eventSource', 'webSocket'),
        },
        ...{
          type: fc.oneof(fc.constantFrom('send', 'close', 'open', 'error'), SHAPES),
          url: fc.string(),
        },
        ...{
          data: SHAPES,
          sent: SHAPES,
          code: SHAPES,
          retry: SHAPES,
          readyState: SHAPES,
          reason: SHAPES,
        },
        ...{
          protocols: fc.oneof(fc.array(fc.string()), SHAPES),
          lastEventId: fc.oneof(fc.string(), SHAPES),
        },
      },
      { requiredKeys: [] },
    );
    const nested = fc.record(
      { state: fc.oneof(known, SHAPES), event: known, sent: fc.nat() },
      { requiredKeys: [] },
    );
    const values = fc.sample(fc.oneof(SHAPES, known, nested), { numRuns: 1_000, seed: env.seed });
    const types = (value: object): string[] =>
      Object.entries(value).map(
        ([key, part]) => `${key} ${Array.isArray(part) ? 'list' : typeof part}`,
      );
    for (const value of values) {
      const message = readStreamMessage(value);
      if (message) {
        expect(types(message)).to.deep.equal(['state object', 'sent number', 'event object']);
        expect(types(message.state)).to.deep.equal([
          ...['readyState number', 'lastEventId string', 'retry number'],
        ]);
        expect(types({ ...message.event, data: '' })).to.deep.equal([
          ...['kind string', 'type string', 'protocol string', 'extensions string', 'data string'],
          ...['code number', 'reason string', 'wasClean boolean', 'isError boolean'],
        ]);
        expect(
          typeof message.event.data === 'string' || message.event.data instanceof ArrayBuffer,
        ).to.equal(true);
      }
      const command = readStreamCommand(value);
      expect(command?.type).to.be.oneOf([undefined, 'send', 'close']);
      const target = readStreamTarget(value);
      expect(typeof (target?.url ?? '')).to.equal('string');
      if (target?.kind === 'webSocket')
        expect(target.protocols.every((name) => typeof name === 'string')).to.equal(true);
    }
  });

  it('know what close() of a WebSocket takes', () => {
    const codes = [1_000, 3_000, 4_999, 999, 1_001, 2_999, 5_000, Number.NaN, '1000', undefined];
    expect(codes.filter(isCloseCode)).to.deep.equal([1_000, 3_000, 4_999]);
    const reasons = [
      '',
      'a'.repeat(123),
      'a'.repeat(124),
      'ü'.repeat(61),
      'ü'.repeat(62),
      7,
      undefined,
    ];
    expect(reasons.filter(isCloseReason)).to.deep.equal(['', 'a'.repeat(123), 'ü'.repeat(61)]);
  });
});
