import * as Comlink from '/modules/comlink/dist/esm/comlink.min.mjs';
import * as Penpal from '/modules/penpal/dist/penpal.mjs';
import { callBy, inFlight, loadFrame, loadScript, oneAtATime, origin } from './measure.js';

const push = origin('push');
const value = { id: 7, name: 'hadoken', tags: ['new', 'blue'] };

async function portTo(frame) {
  const { port1, port2 } = new MessageChannel();
  frame.contentWindow.postMessage('port', push, [port2]);
  return port1;
}

/** Every side resolves with a call of `echo(value)`, made as its manual says. */
const sides = {
  async raw() {
    const call = callBy(await portTo(await loadFrame(`${push}/frames/raw-worker.html`)));
    return () => call(value);
  },
  async 'raw to the window'() {
    const call = callBy(await portTo(await loadFrame(`${push}/frames/raw.html`)));
    return () => call(value);
  },
  async comlink() {
    const { contentWindow } = await loadFrame(`${push}/frames/comlink.html`);
    const remote = Comlink.wrap(Comlink.windowEndpoint(contentWindow, self, push));
    return () => remote.echo(value);
  },
  async 'comlink on a port'() {
    const remote = Comlink.wrap(
      await portTo(await loadFrame(`${push}/frames/comlink-worker.html`)),
    );
    return () => remote.echo(value);
  },
  async penpal() {
    const { contentWindow } = await loadFrame(`${push}/frames/penpal.html`);
    const messenger = new Penpal.WindowMessenger({
      remoteWindow: contentWindow,
      allowedOrigins: [push],
    });
    const remote = await Penpal.connect({ messenger }).promise;
    return () => remote.echo(value);
  },
  async 'penpal on a port'() {
    const port = await portTo(await loadFrame(`${push}/frames/penpal-worker.html`));
    const remote = await Penpal.connect({ messenger: new Penpal.PortMessenger({ port }) }).promise;
    return () => remote.echo(value);
  },
  async 'post-robot'() {
    await loadScript('/modules/post-robot/dist/post-robot.min.js');
    const { contentWindow } = await loadFrame(`${push}/frames/post-robot.html`);
    return async () => (await postRobot.send(contentWindow, 'echo', value, { domain: push })).data;
  },
  async hadoken() {
    await loadScript(`${push}/hadoken/hadoken.js`);
    await hadoken.ready;
    const service = hadoken.service('bench');
    return () => service.echo(value);
  },
};

const calls = {};

async function prepare() {
  for (const [side, connect] of Object.entries(sides)) {
    calls[side] = await connect();
    const answer = JSON.stringify(await calls[side]());
    if (answer !== JSON.stringify(value)) throw new Error(`${side} answered ${answer}`);
  }
}

window.bench = {
  ready: prepare(),
  /** µs per call. */
  oneAtATime: async (side, count) => 1_000 * (await oneAtATime(count, calls[side])),
  /** Calls per s. */
  inFlight: async (side, count) => (1_000 * count) / (await inFlight(count, 100, calls[side])),
};
