import { expect } from '@esm-bundle/chai';
import { connect, type HadokenError } from '../../src/parent/index.ts';
import { shakeByHand } from '../support/attacker.ts';
import { frameUrl, requestLog, uniqueId } from '../support/env.ts';
import { sseUrl } from '../support/streams.ts';

const LIMIT = 1_000;

/** A form of `entries`; a file is given by its name, type and content. */
function form(
  ...entries: [name: string, value: string | [name: string, type: string, content: string]][]
): FormData {
  const data = new FormData();
  for (const [name, value] of entries) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, new File([value[2]], value[0], { type: value[1] }));
  }
  return data;
}

describe('the limit of a body, which is 1,000 bytes here', () => {
  const hadoken = connect(frameUrl('border'), { log: 'silent' });
  after(() => hadoken.close());

  /** What becomes of a POST, and how many bytes of body the server got. */
  async function post(body: BodyInit): Promise<{ code: string | undefined; arrived: number }> {
    const id = uniqueId();
    const asked = hadoken.fetch(`/api/echo?id=${id}`, { method: 'POST', body });
    const code = await asked.then(
      () => undefined,
      (error: HadokenError) => error.code,
    );
    const [request] = await requestLog(id);
    return { code, arrived: Number(request?.headers['content-length'] ?? 0) };
  }

  const x = (length: number): string => 'x'.repeat(length);
  const forms: [what: string, fits: FormData, exceeds: FormData][] = [
    ['the value', form(['a', x(999)]), form(['a', x(1_000)])],
    ['the name of an entry', form([x(999), 'a']), form([x(1_000), 'a'])],
    ['the name of an entry without a value', form([x(LIMIT), '']), form([x(LIMIT + 1), ''])],
    ['a name of two bytes a character', form(['é'.repeat(500), '']), form(['é'.repeat(501), ''])],
    ['the name of a file', form(['a', [x(998), '', 'b']]), form(['a', [x(999), '', 'b']])],
    [
      'the type of a file',
      form(['a', ['b', `a/${x(995)}`, 'c']]),
      form(['a', ['b', `a/${x(996)}`, 'c']]),
    ],
    ['the content of a file', form(['a', ['b', '', x(998)]]), form(['a', ['b', '', x(999)]])],
    [
      'the names of all entries',
      form([x(500), ''], [x(500), '']),
      form([x(500), ''], [x(501), '']),
    ],
    [
      'line breaks, which become two bytes in a value',
      form(['a', '\n'.repeat(499)]),
      form(['a', '\n'.repeat(500)]),
    ],
    [
      'line breaks, which become six in a name',
      form(['\n'.repeat(166), '']),
      form(['\n'.repeat(167), '']),
    ],
    [
      'quotes, which become three in a name',
      form(['"'.repeat(333), '']),
      form(['"'.repeat(334), '']),
    ],
    [
      'quotes, which become three in the name of a file',
      form(['a', ['"'.repeat(333), '', '']]),
      form(['a', ['"'.repeat(334), '', '']]),
    ],
    [
      'entries, each of which is 100 at least',
      form(...Array.from({ length: 10 }, (): [string, string] => ['', ''])),
      form(...Array.from({ length: 11 }, (): [string, string] => ['', ''])),
    ],
  ];
  for (const [what, fits, exceeds] of forms)
    it(`counts ${what}`, async () => {
      expect((await post(fits)).code).to.equal(undefined);
      expect(await post(exceeds)).to.deep.equal({ code: 'LIMIT_EXCEEDED', arrived: 0 });
    });

  it('is not got around by any form: what arrives is at most about twice as much', async () => {
    for (const [, fits] of forms)
      expect((await post(fits)).arrived)
        .to.be.above(0)
        .and.below(2.5 * LIMIT);
  });

  it('counts URL-encoded parameters as they are sent', async () => {
    expect((await post(new URLSearchParams({ a: x(998) }))).code).to.equal(undefined);
    expect((await post(new URLSearchParams({ a: x(999) }))).code).to.equal('LIMIT_EXCEEDED');
    expect((await post(new URLSearchParams({ a: 'é'.repeat(167) }))).code).to.equal(
      'LIMIT_EXCEEDED',
    );
  });
});

describe('the retry of an EventSource that a page gives', () => {
  let port: MessagePort;
  let frame: HTMLIFrameElement;
  before(async () => {
    ({ port, frame } = await shakeByHand(frameUrl('streams')));
  });
  after(() => frame.remove());

  /** What the host tells on the port of a stream that `target` names, until `isEnough`. */
  function follow(target: object, isEnough: (messages: string[]) => boolean): Promise<string[]> {
    const { port1, port2 } = new MessageChannel();
    const messages: string[] = [];
    const argumentList = [
      { type: 'RAW', value: target },
      { type: 'RAW', value: port2 },
    ];
    port.postMessage({ id: uniqueId(), type: 'APPLY', path: ['stream'], argumentList }, [port2]);
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => {
        messages.push(JSON.stringify(data));
        if (!isEnough(messages)) return;
        port1.postMessage({ type: 'close' });
        port1.close();
        resolve(messages);
      };
    });
  }

  for (const [given, taken] of [
    [0, 1_000],
    [1, 1_000],
    [1_000, 1_000],
    [1_001, 1_001],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ] as const)
    it(`is ${taken} ms for ${given}`, async () => {
      const [first] = await follow(
        { kind: 'eventSource', url: sseUrl(), retry: given },
        () => true,
      );
      expect(first).to.contain(`"retry":${taken}`);
    });

  for (const retry of [
    -1,
    999.5,
    2 ** 31,
    Number.MAX_VALUE,
    Infinity,
    Number.NaN,
    '1000',
    null,
    {},
    [1_000],
  ])
    it(`is refused where it is ${JSON.stringify(retry)} (${String(retry)})`, async () => {
      const id = uniqueId();
      const answer = new Promise<{ value: { error?: { code: string } } }>((resolve) => {
        port.addEventListener('message', ({ data }) => data.id === id && resolve(data));
      });
      const { port2 } = new MessageChannel();
      const argumentList = [
        { type: 'RAW', value: { kind: 'eventSource', url: sseUrl(), retry } },
        { type: 'RAW', value: port2 },
      ];
      port.postMessage({ id, type: 'APPLY', path: ['stream'], argumentList }, [port2]);
      expect((await answer).value.error?.code).to.equal('INVALID_ARGUMENT');
    });

  it('is waited for between two connections', async () => {
    const id = uniqueId();
    let opened = 0;
    const start = performance.now();
    const url = sseUrl({ id, end: '', body: 'data: 1\n\n' });
    await follow({ kind: 'eventSource', url, retry: 0 }, (messages) => {
      if (messages.at(-1)?.includes('"open"')) opened++;
      return opened === 2;
    });
    expect(performance.now() - start).to.be.at.least(950);
  });
});
