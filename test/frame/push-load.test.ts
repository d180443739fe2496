import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import * as io from '../../src/frame/push/chunk.ts';
import { createPushLoader } from '../../src/frame/push/load.ts';
import { createSocketLimit } from '../../src/frame/rules/socket-limit.ts';
import type { PushEvent } from '../../src/rpc/wire/push-packet.ts';
import { env, until } from '../support/env.ts';

/** What a page with a port for push hears of a host that loads push by `loadIo`. */
function openPage(loadIo: Effects['loadIo'], more: Pick<Effects, 'loadMsgpack'> = {}) {
  const effects: Effects = {
    origin: env.push,
    fetch: (request) => fetch(request),
    WebSocket,
    loadIo,
    ...more,
    log() {},
  };
  const rules = {
    path: '/plain.io/',
    transports: ['websocket' as const],
    ...(more.loadMsgpack && { parser: 'msgpack' as const }),
  };
  const open = createPushLoader(
    { origins: [], io: rules },
    effects,
  )({
    context: { origin: env.app },
    life: new EventTarget(),
    takeSocket: createSocketLimit(undefined),
  });
  const { port1, port2 } = new MessageChannel();
  const events: PushEvent[] = [];
  port1.onmessage = ({ data }: MessageEvent<string | PushEvent[]>) =>
    void events.push(...(typeof data === 'string' ? JSON.parse(data) : data));
  return {
    events,
    open,
    port2,
    ask: (manager: number, once = false) =>
      port1.postMessage([{ type: 'open', manager, uri: '', options: '{}', once }]),
    close: () => port1.close(),
  };
}

const errorOf = ({ args: [wire] }: PushEvent) => (wire as { error: { code: string } }).error;

describe('push, until its code is there', () => {
  it('tells each manager, and those that ask once twice, where it can’t be loaded', async () => {
    const page = openPage(() => Promise.reject(new TypeError('404')));
    page.ask(1);
    await page.open(page.port2);
    page.ask(2, true);
    await until(() => page.events.length === 3);
    const told = page.events.map(({ manager, name }) => [manager, name]);
    expect(told).to.deep.equal([
      [1, 'error'],
      [2, 'error'],
      [2, 'opened'],
    ]);
    for (const event of page.events) {
      expect(errorOf(event)).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
      expect(JSON.stringify(event)).to.contain('frame.io.js');
    }
    page.close();
  });

  it('loads it for what is opened next, and loses nothing of what came meanwhile', async () => {
    let loads = 0;
    const page = openPage(async () => {
      loads++;
      // The first question fails, and the one that the first command makes.
      if (loads <= 2) throw new TypeError('404');
      return io;
    });
    await page.open(page.port2);
    page.ask(1);
    await until(() => page.events.length === 1);
    page.ask(2);
    page.ask(3);
    await until(() =>
      [2, 3].every((number) =>
        page.events.some(({ manager, name }) => manager === number && name === 'open'),
      ),
    );
    page.close();
  });

  it('names the file of the parser where that can’t be loaded, and tries it again', async () => {
    let loads = 0;
    const loadMsgpack = async () => {
      loads++;
      if (loads === 1) throw new TypeError('404');
      return { parser: io.parser };
    };
    const page = openPage(async () => io, { loadMsgpack });
    await page.open(page.port2);
    page.ask(1);
    await until(() => page.events.length === 1);
    expect(JSON.stringify(page.events)).to.contain('frame.msgpack.js could not be loaded');
    page.ask(2);
    await until(() => page.events.some(({ manager, name }) => manager === 2 && name === 'open'));
    page.close();
  });

  it('takes one port of a page, and no other', async () => {
    const page = openPage(async () => io);
    await page.open(page.port2);
    const { port1, port2 } = new MessageChannel();
    const refused = await page.open(port2).then(
      () => undefined,
      (error) => error,
    );
    expect(refused).to.have.property('name', 'HadokenError');
    port1.close();
    page.close();
  });
});
