import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import {
  ANY_GATE_TIMEOUT,
  type CookieQuestion,
  createCookieAsker,
  readCookies,
} from '../../src/frame/gate/cookies.ts';
import { createHost } from '../../src/frame/host.ts';
import { API, bareHost, callByHand, PAGE, rejection } from '../support/bare-host.ts';
import { uniqueId } from '../support/env.ts';

const setCookie = (text: string): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: what is tested reads it there
  document.cookie = text;
};

describe('cookies of the frame’s origin', () => {
  it('are read by name, decoded, and as they are where they can’t be', () => {
    const [plain, encoded, broken, other] = [1, 2, 3, 4].map((at) => `${uniqueId()}-${at}`) as [
      string,
      string,
      string,
      string,
    ];
    setCookie(`${plain}=a=b`);
    setCookie(`${encoded}=a%20b%3D`);
    setCookie(`${broken}=%zz`);
    setCookie(`${other}=secret`);
    expect(readCookies([plain, encoded, broken, 'none'])).to.deep.equal({
      [plain]: 'a=b',
      [encoded]: 'a b=',
      [broken]: '%zz',
    });
    for (const name of [plain, encoded, broken, other]) setCookie(`${name}=; max-age=0`);
  });

  it('have no name of an object’s own', () => {
    expect(readCookies(['constructor', '__proto__', 'toString'])).to.deep.equal({});
  });

  it('are those of the first gate that answers, and of the question that was asked', async () => {
    const questions: CookieQuestion[] = [];
    const asker = createCookieAsker((question) => questions.push(question), ANY_GATE_TIMEOUT);
    const [first, second] = [asker.read(['a']), asker.read(['b'])];
    expect(questions.map(({ names }) => names)).to.deep.equal([['a'], ['b']]);
    const [{ question }, { question: other }] = questions as [CookieQuestion, CookieQuestion];
    const answer = (of: number, cookies: Record<string, string>): void =>
      asker.answer({ hadoken: 'COOKIES', question: of, cookies });
    answer(99, { a: 'nobody asked' });
    answer(other, { b: '2' });
    answer(question, { a: '1' });
    answer(question, { a: 'late' });
    expect(await Promise.all([first, second])).to.deep.equal([{ a: '1' }, { b: '2' }]);
  });

  it('fail clearly where no gate answers', async () => {
    const error = await rejection(createCookieAsker(() => {}, 20).read(['a']));
    expect(error).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
    expect(error.message).to.contain('20 ms');
  });

  const failing = { readCookies: createCookieAsker(() => {}, 20).read };

  it('fail a request by its name where no gate answers, and send none', async () => {
    let asked = 0;
    const answer = (): Response => {
      asked += 1;
      return new Response();
    };
    const { fetch, logged } = bareHost({ cookies: ['a'] }, answer, failing);
    const error = await rejection(fetch('/a'));
    expect(error).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
    expect(error.message).to.contain(`GET ${API}/a: the cookies could not be read`);
    expect(logged).to.deep.equal([error.message]);
    expect(asked).to.equal(0);
  });

  it('let an event stream connect again where no gate answers', async () => {
    const host = createHost({ origins: [PAGE], eventSource: true, cookies: ['a'] }, {
      origin: API,
      fetch: async () => new Response(),
      log() {},
      ...failing,
    } as unknown as Effects);
    const { port1: ours, port2: theirs } = new MessageChannel();
    const told = new Promise((resolve) => {
      ours.onmessage = ({ data }) => resolve(data.state.readyState);
    });
    const target = { kind: 'eventSource', url: `${API}/a` };
    const answered = callByHand(host, 'stream', [target, theirs], [theirs]);
    expect(await Promise.race([told, answered])).to.equal(0);
    ours.postMessage({ type: 'close' });
  });
});
