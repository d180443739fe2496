import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import type { Guest } from '../../src/frame/gate/gate.ts';
import { createHost } from '../../src/frame/host.ts';
import { callHost, type HostCall } from '../../src/rpc/calls.ts';
import { VERSIONS } from '../../src/rpc/handshake.ts';
import { until } from '../support/env.ts';

const API = 'https://api.test';
const PAGE = 'https://app.test';

/** A WebSocket that goes nowhere and says whether it was closed. */
class IdleSocket {
  static readonly opened: IdleSocket[] = [];
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readyState = 1;
  readonly url: string;
  readonly bufferedAmount = 0;
  closed = false;
  constructor(url: string) {
    this.url = url;
    IdleSocket.opened.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

type Page = { guest: Guest; call: HostCall };

describe('a host of several pages', () => {
  const host = createHost({ origins: [PAGE], webSocket: true }, {
    origin: API,
    WebSocket: IdleSocket as unknown as typeof WebSocket,
    log() {},
  } as unknown as Effects);

  async function admit(): Promise<Page> {
    const { port1, port2 } = new MessageChannel();
    const accepted = new Promise((resolve) => {
      port1.onmessage = resolve;
    });
    const offer = { hadoken: 'OFFER', nonce: '', versions: VERSIONS } as const;
    const guest = host.admit({ origin: PAGE, offer, port: port2 });
    await accepted;
    return { guest, call: callHost(port1, new AbortController().signal) };
  }

  function openSocket({ call }: Page, path: string): void {
    const { port2 } = new MessageChannel();
    const url = `wss://api.test${path}`;
    void call('stream', [{ kind: 'webSocket', url, protocols: [] }, port2], [port2]);
  }

  const socketOf = (path: string): Promise<IdleSocket> =>
    until(() => IdleSocket.opened.find(({ url }) => url.endsWith(path)));

  it('puts to sleep the page that sleeps, and no other', async () => {
    const [sleeper, other] = [await admit(), await admit()];
    openSocket(sleeper, '/sleeper');
    openSocket(other, '/other');
    const [first, second] = [await socketOf('/sleeper'), await socketOf('/other')];
    sleeper.guest.freeze();
    expect([first.closed, second.closed]).to.deep.equal([true, false]);
    sleeper.guest.thaw();
    other.guest.freeze();
    expect(second.closed).to.equal(true);
  });
});
