import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import * as io from '../../src/frame/push/chunk.ts';
import { createPushHost } from '../../src/frame/push/push.ts';
import { createSocketLimit } from '../../src/frame/rules/socket-limit.ts';
import { env, until } from '../support/env.ts';

describe('what auth of host.js names', () => {
  for (const value of [undefined, () => 1, Symbol('none')])
    it(`is not the page's to say, where it is ${typeof value}`, async () => {
      const effects = {
        origin: env.push,
        fetch,
        WebSocket,
        loadIo: async () => io,
        log() {},
      } as unknown as Effects;
      const auth = () => ({ token: 'host', admin: value });
      const rules = { path: '/plain.io/', transports: ['websocket' as const] };
      const { port1, port2 } = new MessageChannel();
      createPushHost(
        { origins: [], io: rules, auth },
        effects,
      )({
        context: { origin: env.app },
        life: new EventTarget(),
        takeSocket: createSocketLimit(),
      })(port2);
      const events: { name: string; args: { type: number; data: { auth: object }[] }[] }[] = [];
      port1.onmessage = ({ data }) =>
        events.push(...(typeof data === 'string' ? JSON.parse(data) : data));
      const send = (command: object): void => port1.postMessage([{ manager: 1, ...command }]);
      const has = (type: number) =>
        until(() => events.find(({ name, args }) => name === 'packet' && args[0]?.type === type));
      send({ type: 'open', uri: '', options: '{}', once: false });
      await until(() => events.some(({ name }) => name === 'open'));
      const packet = (more: object): void =>
        send({ type: 'packet', connection: 1, packet: { nsp: '/', ...more } });
      packet({ type: 0, text: '{"token":"page","admin":true}' });
      await has(0);
      packet({ type: 2, id: 1, text: '["whoami"]' });
      const answer = await has(3);
      send({ type: 'close' });
      expect(answer.args[0]?.data[0]?.auth).to.deep.equal({ token: 'host' });
    });
});
