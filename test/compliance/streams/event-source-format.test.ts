/** What an event stream may look like, and where it leads: the engine's own EventSource and ours. */
import { expect } from '@esm-bundle/chai';
import { env, requestLog, uniqueId, until } from '../../support/env.ts';
import {
  closeSides,
  next,
  record,
  SIDES,
  settle,
  sseUrl,
  streamsOf,
} from '../../support/streams.ts';

type Query = Record<string, string | string[]>;
type Told = [type: string, data: string, lastEventId: string];

const message = (data: string, id = ''): Told => ['message', data, id];
const LONG = 'x'.repeat(2_048);

/** The bytes of a stream, and what it tells. */
const formats: Record<string, [body: string, told: Told[], as?: string]> = {
  'fields without a colon, and one that there is not': [
    'data:one\ndata:two\n\n:\nnone:x\n\nnone:x\nData:x\n\ndata\n\ndata:three\n\n',
    [message('one\ntwo'), message(''), message('three')],
  ],
  'empty lines before, between and after': [
    '\n\r\r\ndata:1\n\n\n\r\n\rdata:2\n\n\n\n',
    [message('1'), message('2')],
  ],
  'data without a value': [
    'data\n\ndata\ndata\n\ndata:x\ndata\ndata:\n\n',
    [message(''), message('\n'), message('x\n\n')],
  ],
  'one blank after the colon, and more': [
    'data: a\ndata:  b\ndata:\tc\ndata: \ndata:\u00a0d\n\n',
    [message('a\n b\n\tc\n\n\u00a0d')],
  ],
  'colons in values, and before names': [
    'data:a:b\ndata::c\n:data:no\n::\ndata: :\n\n',
    [message('a:b\n:c\n:')],
  ],
  'names that are nearly one': [
    'da-ta:1\ndata_:2\ndata :3\n data:4\ndata\t:5\nDATA:6\ndata:7\nevents:x\nid :9\n\n',
    [message('7')],
  ],
  'comments of any length, among lines of every kind': [
    `data:1\r:\r:${LONG}\r\ndata:2\n:data:no\r:${LONG}\n:\ndata:3\n\n`,
    [message('1\n2\n3')],
  ],
  'comments alone': [`:${LONG}\n\n:\n\n:\r\r`, []],
  'all ends of lines, mixed': [
    'data:1\rdata:2\ndata:3\r\n\r\ndata:4\n\r\ndata:5\r\rdata:6\r\n\n',
    [message('1\n2\n3'), message('4'), message('5'), message('6')],
  ],
  'a type that is empty, blank, or said twice': [
    'event:\ndata:1\n\nevent: \ndata:2\n\nevent\ndata:3\n\nevent:a\nevent:b\ndata:4\n\nevent:a\nevent:\ndata:5\n\n',
    [message('1'), message('2'), message('3'), ['b', '4', ''], message('5')],
  ],
  'a type that is a method’s name, or of other letters': [
    'event:toString\ndata:1\n\nevent:ü\ndata:2\n\nevent:Message\ndata:3\n\n',
    [
      ['toString', '1', ''],
      ['ü', '2', ''],
      ['Message', '3', ''],
    ],
  ],
  'a type without data, which is forgotten': ['event:a\n\ndata:1\n\n', [message('1')]],
  'an id with the event, in any place': [
    'id:1\ndata:a\n\ndata:b\nid:2\n\ndata:c\nid:3\nid:4\n\ndata:d\n\n',
    [message('a', '1'), message('b', '2'), message('c', '4'), message('d', '4')],
  ],
  'an id that is taken back': [
    'id:1\ndata:a\n\nid\ndata:b\n\nid:2\ndata:c\n\nid:\ndata:d\n\n',
    [message('a', '1'), message('b'), message('c', '2'), message('d')],
  ],
  'an id of blanks, of a colon, of other letters': [
    'id:  \ndata:a\n\nid::\ndata:b\n\nid:ü☃\ndata:c\n\n',
    [message('a', ' '), message('b', ':'), message('c', 'ü☃')],
  ],
  'a retry with an event, which is no part of it': [
    'retry:10000\ndata:1\n\nretry:5\n\ndata:2\n\n',
    [message('1'), message('2')],
  ],
  'JSON, HTML and lines that look like HTTP': [
    'data: {"a":"b: c"}\n\ndata: <p>x</p>\n\nHTTP/1.1 200 OK\ndata: z\n\n',
    [message('{"a":"b: c"}'), message('<p>x</p>'), message('z')],
  ],
  'bytes that are no UTF-8': [
    'data:gr\u00fcn \u00c3\u00bc \u00f0\u009f\n\ndata:\u00ed\u00a0\u0080\n\n',
    [message('gr\ufffdn ü \ufffd'), message('\ufffd\ufffd\ufffd')],
    'latin1',
  ],
  'a byte order mark, then a comment': ['\ufeff:x\ndata:1\n\n', [message('1')]],
  'a byte order mark after a line': ['\n\ufeffdata:1\n\ndata:2\n\n', [message('2')]],
};

for (const side of SIDES) {
  describe(`the format of an event stream (${side})`, () => {
    const open: EventSource[] = [];
    const make = (query: Query = {}): EventSource => {
      const source = new (streamsOf(side).EventSource)(sseUrl({ id: uniqueId(), ...query }));
      open.push(source);
      return source;
    };
    afterEach(() => {
      for (const source of open.splice(0)) source.close();
    });
    after(closeSides);

    for (const [what, [body, told, as]] of Object.entries(formats))
      it(`may have ${what}`, async () => {
        const source = make({
          body: `${body}event:end\ndata:\n\n`,
          ...(as && { as }),
        });
        const seen: Told[] = [];
        for (const type of new Set(['message', ...told.map(([type]) => type)]))
          source.addEventListener(type, ({ data, lastEventId }: MessageEvent) =>
            seen.push([type, data, lastEventId]),
          );
        await next(source, 'end');
        source.close();
        expect(seen).to.deep.equal(told);
      });

    /** Every event until the second connection is open. */
    const untilAgain = async (query: Query): Promise<string[]> => {
      const source = make({ end: '1', ...query });
      const seen = record(source, ['open', 'message', 'error']);
      await until(() => seen.filter((line) => line.startsWith('open')).length > 1, 20_000);
      source.close();
      return seen;
    };

    it('ends where its connection does: what is not dispatched by then is dropped', async () => {
      const bodies = [
        'data:x',
        'data:x\n',
        'data:x\r',
        'event:message\ndata:x\r\n',
        'id:1\ndata:x',
      ];
      const seen = await Promise.all(
        bodies.map((last) => untilAgain({ body: [`retry:10\ndata:1\n\n${last}`, ''] })),
      );
      for (const each of seen)
        expect(each.slice(0, 4)).to.deep.equal(['open 1', 'message 1', 'error 0', 'open 1']);
    });

    it('has a retry of digits alone, and any other changes nothing', async () => {
      const retries = [
        '0010',
        '010 ',
        '1e9',
        '-1',
        '+5',
        '1 0',
        '0x10',
        '',
        ' ',
        '٣٠٠٠',
        '12.5',
        '99999999x',
      ];
      // Without the first, it would be the engine's seconds; with one of the others, hours.
      await Promise.all(
        retries.map((retry) => untilAgain({ body: [`retry:10\nretry:${retry}\ndata:1\n\n`, ''] })),
      );
    });

    it('says how long to wait before the next connection, in ms', async () => {
      // From before the wait: when the page hears of its beginning says nothing.
      const start = performance.now();
      const source = make({ body: ['retry:600\ndata:1\n\n', 'data:2\n\n'], end: '1' });
      await next(source, 'error');
      await next(source, 'open');
      expect(performance.now() - start).to.be.at.least(500);
    });
  });

  describe(`where an event stream leads (${side})`, () => {
    const open: EventSource[] = [];
    const make = (query: Query = {}): EventSource => {
      const source = new (streamsOf(side).EventSource)(sseUrl({ id: uniqueId(), ...query }));
      open.push(source);
      return source;
    };
    /** The first of its events, with its state; the source is closed then. */
    const first = async (query: Query): Promise<string> => {
      const source = make(query);
      const seen = record(source, ['open', 'error']);
      await until(() => seen.length > 0, 20_000);
      source.close();
      return seen[0] as string;
    };
    afterEach(() => {
      for (const source of open.splice(0)) source.close();
    });
    after(closeSides);

    it('is closed for good by every status but 200', async () => {
      const statuses = [
        201, 202, 203, 204, 205, 206, 210, 226, 299, 300, 304, 400, 401, 403, 404, 405, 408, 410,
        429, 500, 502, 503, 504, 599,
      ];
      const seen = await Promise.all(statuses.map((status) => first({ status: `${status}` })));
      expect(seen).to.deep.equal(statuses.map(() => 'error 2'));
    });

    it('is taken of the right type alone, whatever its parameters', async () => {
      const types = {
        'text/event-stream': 'open 1',
        'TEXT/EVENT-STREAM': 'open 1',
        // Chromium takes no charset but UTF-8, though parameters mean nothing here.
        'text/event-stream;charset=windows-1252':
          side === 'platform' && env.engine === 'chromium' ? 'error 2' : 'open 1',
        'text/event-stream ; x=y;': 'open 1',
        'text/event-stream;': 'open 1',
        'text/x-event-stream': 'error 2',
        'application/event-stream': 'error 2',
        'text/event': 'error 2',
        'text/event-stream-bogus': 'error 2',
        'text/html': 'error 2',
      };
      const seen = await Promise.all(Object.keys(types).map((type) => first({ type })));
      expect(seen).to.deep.equal(Object.values(types));
    });

    it('is followed through redirects of every kind, to what it is', async () => {
      const there = sseUrl({ body: 'data:there\n\n' });
      const kinds = [301, 302, 303, 307, 308].map((by) => first({ to: there, by: `${by}` }));
      expect(await Promise.all(kinds)).to.deep.equal(kinds.map(() => 'open 1'));
      expect(
        await Promise.all([
          first({ to: sseUrl({ to: there }) }),
          first({ to: sseUrl({ status: '404' }) }),
          first({ to: sseUrl({ type: 'application/json' }) }),
        ]),
      ).to.deep.equal(['open 1', 'error 2', 'error 2']);
    });

    it('asks again where it has asked first, with the id that it got elsewhere', async () => {
      const id = uniqueId();
      const there = uniqueId();
      const to = sseUrl({ id: there, body: 'retry:10\nid:7\ndata:1\n\n', end: '1' });
      const source = make({ id, to });
      await next(source, 'open');
      await next(source, 'open');
      source.close();
      // Chromium's own asks where the redirect has led.
      const isThere = side === 'platform' && env.engine === 'chromium';
      const log = await requestLog(isThere ? there : id);
      const asked = log.map(({ headers }) => headers['last-event-id']);
      expect(asked.slice(0, 2)).to.deep.equal([undefined, '7']);
    });

    for (const [what, query] of [
      ['a status', { status: '500' }],
      ['another type', { type: 'text/plain' }],
    ] as [string, Query][])
      it(`is given up for ${what} of a later connection, and not asked for again`, async () => {
        const id = uniqueId();
        const source = make({ id, body: ['retry:10\ndata:1\n\n', 'x'], end: '1', ...query });
        const seen = record(source, ['open', 'message', 'error']);
        await until(() => source.readyState === 2, 20_000);
        await settle();
        expect(seen).to.deep.equal(['open 1', 'message 1', 'error 0', 'error 2']);
        expect(await requestLog(id)).to.have.lengthOf(2);
      });

    it('is closed by close() in every state, for good', async () => {
      const closedIn = async (
        type: 'open' | 'message' | 'error' | undefined,
        query: Query = {},
      ): Promise<[string[], number]> => {
        const id = uniqueId();
        const source = make({ id, body: 'retry:1000\ndata:1\n\ndata:2\n\n', ...query });
        const seen = record(source, ['open', 'message', 'error']);
        const close = (): void => {
          source.close();
          source.close();
          seen.push(`closed ${source.readyState}`);
        };
        if (type) source.addEventListener(type, close, { once: true });
        else close();
        await until(() => source.readyState === 2, 20_000);
        await settle();
        return [seen, (await requestLog(id)).length];
      };
      const told = await Promise.all([
        closedIn(undefined),
        closedIn('open'),
        closedIn('message'),
        closedIn('error', { end: '1' }),
        closedIn('error', { status: '404' }),
      ]);
      expect(told.map(([seen]) => seen)).to.deep.equal([
        ['closed 2'],
        ['open 1', 'closed 2'],
        ['open 1', 'message 1', 'closed 2'],
        ['open 1', 'message 1', 'message 1', 'error 0', 'closed 2'],
        ['error 2', 'closed 2'],
      ]);
      // What was closed at once may have been asked for or not.
      expect(told.slice(1).map(([, requests]) => requests)).to.deep.equal([1, 1, 1, 1]);
    });
  });
}
