/**
 * A browser without a browser: tabs, each with a page's client and its own worker's host, a hub, and a server, over
 * MessageChannels, by a clock of the test's. Bundled for Node by test/support/hub/load.mjs.
 */
import 'urlpattern-polyfill';
import { createHubSeat } from '../../../src/frame/gate/hub-seat.ts';
import { createHost } from '../../../src/frame/host.ts';
import { createPushHost } from '../../../src/frame/push/push.ts';
import { createSharing } from '../../../src/frame/sharing.ts';
import { createHub } from '../../../src/hub/hub.ts';
import { createConnection } from '../../../src/parent/connection/connection.ts';
import { readOptions } from '../../../src/parent/options.ts';
import { createIo as createPageIo } from '../../../src/parent/push/io.ts';
import { createPushLink } from '../../../src/parent/push/link.ts';
import { callHost } from '../../../src/rpc/calls.ts';
import { VERSIONS } from '../../../src/rpc/handshake.ts';
import { Place, settle, TestClock } from './places.mjs';
import { createIo, TestServer } from './server.mjs';

export const APP = 'https://app.test';
export const SHOP = 'https://shop.test';
const API = 'https://api.test';

/** The shop hears no 'secret', and 'snapshot' is told to late tabs. */
const IO = {
  shared: { retain: ['snapshot'], linger: 5_000 },
  namespaces: {
    '/': [{ origins: [SHOP], on: ['news', 'mine', 'snapshot'], emit: ['allowed', 'ask'] }, true],
    '/chat': true,
  },
};

export class World {
  clock = new TestClock();
  server = new TestServer();
  tabs = [];
  logged = [];
  /** By origin: who is signed in there. */
  users = {};
  hubs = [];
  /** What host.js' auth gives, where a test says so. */
  auth = async (origin) => (this.users[origin] ? { user: this.users[origin] } : {});
  /** What answers the hub's requests, where a test says so. */
  fetch = () => Promise.reject(new TypeError('There is no network here.'));
  /** How often each page was told that it was recovered, or not. */
  connects = { recovered: 0, anew: 0 };
  #stored = new Map();
  #io;

  /** `shared`: over what IO has. */
  constructor(shared) {
    const world = this;
    this.#io = { ...IO, shared: { ...IO.shared, ...shared } };
    // What connectHub() starts, or finds.
    globalThis.SharedWorker = class {
      constructor() {
        const { port1, port2 } = new MessageChannel();
        this.port = port1;
        world.#findHub().connect(port2);
      }
    };
  }

  get hub() {
    return this.hubs.find(({ place }) => !place.isDead);
  }

  #effects() {
    const stored = this.#stored;
    return {
      origin: API,
      fetch: (...args) => this.fetch(...args),
      WebSocket: undefined,
      loadIo: async () => ({ ...createIo(this.server, this.clock), createPushHost }),
      sessions: {
        get: async (key) => stored.get(key),
        set: async (key, pid) => void stored.set(key, pid),
        delete: (key) => void stored.delete(key),
      },
      log: (message) => void this.logged.push(message),
      clock: this.clock,
    };
  }

  #options() {
    return {
      origins: [APP, SHOP],
      io: this.#io,
      eventSource: [{ path: '/news', shared: true }],
      auth: ({ origin }) => this.auth(origin),
    };
  }

  #findHub() {
    if (this.hub) return this.hub;
    const place = new Place();
    const entry = { place, connect: undefined, end: undefined };
    place.run(() => {
      const hub = createHub(this.#options(), this.#effects(), () => place.kill());
      entry.connect = (port) => place.run(() => hub.connect(port));
      entry.end = () => place.run(() => hub.end());
    });
    this.hubs.push(entry);
    return entry;
  }

  /** Its sockets die with it. */
  killHub() {
    const { hub, server } = this;
    if (!hub) return;
    hub.place.kill();
    for (const link of [...server.links]) {
      link.isLive = false;
      server.lost(link);
    }
  }

  open(origin, options = {}) {
    const place = new Place();
    const tab = {
      origin,
      place,
      heard: [],
      errors: [],
      expected: [],
      user: undefined,
      isFrozen: false,
    };
    const { server } = this;
    place.run(() => {
      const host = createHost(this.#options(), this.#effects());
      const seat = this.#createSeat(origin);
      const openSession = (_settings, control, onOpen) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data: { config } }) =>
          onOpen({ call: callHost(port1, control.signal), lost: control.signal, config });
        const offer = { hadoken: 'OFFER', nonce: '', versions: VERSIONS };
        host.admit({ origin, offer, port: port2 }, seat.join);
      };
      const settings = readOptions({ log: 'silent', reconnectionDelay: 0 });
      const url = new URL('/frame.html', API);
      const connection = createConnection(url, settings, { openSession, listenForWakeUps() {} });
      const { io } = createPageIo(createPushLink(connection));
      const socket = io('/', options);
      socket.on('connect', () => {
        this.connects[socket.recovered ? 'recovered' : 'anew'] += 1;
        // What comes from now on is expected; and all that was, where it says that nothing is missing.
        tab.user = this.users[origin];
        if (socket.recovered) return;
        tab.expected = [];
        tab.heard = [];
        tab.from = server.emitted;
      });
      socket.on('connect_error', (error) => tab.errors.push(error));
      for (const name of ['news', 'mine', 'secret'])
        socket.on(name, (number, user) =>
          tab.heard.push({ name, number, user, isFrozen: tab.isFrozen }),
        );
      socket.on('snapshot', (number) => {
        tab.snapshot = number;
      });
      Object.assign(tab, { socket, seat, connection, io });
    });
    this.tabs.push(tab);
    return tab;
  }

  /** A tab with one shared event stream and nothing else. */
  openStream(origin) {
    const tab = { origin, place: new Place(), isFrozen: false, heard: [], outcome: undefined };
    tab.place.run(() => {
      tab.seat = this.#createSeat(origin);
      const sharing = createSharing(tab.seat.join, this.clock);
      tab.sharing = sharing;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { state, event } }) =>
        tab.heard.push(event?.data ?? event?.type ?? state.readyState);
      sharing.stream({ kind: 'eventSource', url: `${API}/news`, lastEventId: '' }, port2).then(
        () => {
          tab.outcome = 'over';
        },
        (error) => {
          tab.outcome = error.code;
        },
      );
    });
    this.tabs.push(tab);
    return tab;
  }

  #createSeat(origin) {
    return createHubSeat({
      script: async () => ({ url: '', type: 'classic', texts: [] }),
      origin,
      name: async () => 'hub',
      log: (message) => void this.logged.push(message),
    });
  }

  /** `isCrash`: without a word. */
  close(tab, isCrash = false) {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    if (!isCrash) tab.place.run(() => tab.seat.tell('BYE'));
    tab.place.kill();
  }

  freeze(tab) {
    if (tab.isFrozen) return;
    tab.place.run(() => tab.seat.tell('FREEZE'));
    tab.isFrozen = true;
    tab.place.isAsleep = true;
  }

  thaw(tab) {
    if (!tab.isFrozen) return;
    tab.isFrozen = false;
    tab.place.wake();
    tab.place.run(() => tab.seat.tell('THAW'));
  }

  /** Whether `tab` is to hear this. */
  static isFor({ origin, user }, { name, to }) {
    if (name === 'secret' && origin === SHOP) return false;
    return to === undefined || to === (user ?? '');
  }

  pass(ms) {
    return this.clock.pass(ms);
  }
}

export { settle };
