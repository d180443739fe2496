/** What auth of host.js is told of the server's refusals, and what the page hears of them. */
import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { frameUrl } from '../support/env.ts';

type Told = { attempt: number; refused?: { message: string; data?: unknown } };
type Auth = { told(): Told[] };

const WRONG = { message: 'wrong token', data: { code: 'E_TOKEN' } };

for (const host of ['auth-refused', 'auth-refused@shared'])
  describe(`auth of host.js and a refusal: ${host}`, () => {
    let hadoken: Hadoken;
    const isShared = host.endsWith('shared');
    const told = (): Promise<Told[]> => hadoken.service<Auth>('auth').told();
    before(() => {
      hadoken = connect(frameUrl(host), { log: 'silent', reconnectionDelay: 20 });
    });
    after(() => hadoken.close());

    /** What a socket of `nsp` hears until it is connected or refused. */
    const hear = async (nsp: string, start: (socket: ReturnType<Hadoken['io']>) => void) => {
      const socket = hadoken.io(nsp, { autoConnect: false });
      const heard: string[] = [];
      await new Promise<void>((resolve) => {
        socket.on('connect', () => resolve(void heard.push('connect')));
        socket.on('connect_error', (error) => {
          const { message, data } = error as Error & { data?: { code: string } };
          resolve(void heard.push(`${message} ${data?.code}`));
        });
        start(socket);
      });
      return { socket, heard };
    };

    it('lets it give something else, and the page hears nothing of the first', async () => {
      const { socket, heard } = await hear('/auth', (each) => void each.connect());
      expect(heard).to.deep.equal(['connect']);
      socket.disconnect();
      if (isShared) return;
      expect(await told()).to.deep.equal([
        { attempt: 1, refused: undefined },
        { attempt: 2, refused: WRONG },
      ]);
      // It was let in: the next is the first again.
      const again = new Promise<void>((resolve) => socket.once('connect', resolve));
      socket.connect();
      await again;
      expect((await told()).map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
      socket.disconnect();
    });

    it('tells the page of the second refusal, with the server’s data, and once', async () => {
      const { socket, heard } = await hear('/admin', (each) => void each.connect());
      expect(heard).to.deep.equal(['not an admin E_ADMIN']);
      expect(socket.connected).to.equal(false);
      if (!isShared) {
        const refused = { message: 'not an admin', data: { code: 'E_ADMIN', retry: false } };
        expect(await told()).to.deep.equal([
          { attempt: 1, refused: undefined },
          { attempt: 2, refused },
        ]);
        // It gives the same as the last time: one attempt, and the page is told.
        const error = new Promise<Error>((resolve) => socket.once('connect_error', resolve));
        socket.connect();
        expect((await error).message).to.equal('not an admin');
        const attempts = (await told()).map(({ attempt }) => attempt);
        expect(attempts).to.deep.equal([3, 4]);
      }
      socket.disconnect();
    });

    it('is told of a refusal also after another namespace was let in', async () => {
      const first = await hear('/', (each) => void each.connect());
      const second = await hear('/auth', (each) => void each.connect());
      expect([first.heard, second.heard]).to.deep.equal([['connect'], ['connect']]);
      for (const { socket } of [first, second]) socket.disconnect();
    });

    it('comes to an end beside a namespace that lets the page in', async () => {
      const first = await hear('/', (each) => void each.connect());
      const refused = await hear('/admin', (each) => void each.connect());
      expect(refused.heard).to.deep.equal(['not an admin E_ADMIN']);
      if (!first.socket.connected)
        await new Promise<void>((resolve) => first.socket.once('connect', resolve));
      expect(await first.socket.emitWithAck('echo', 1)).to.equal(1);
      for (const { socket } of [first, refused]) socket.disconnect();
    });

    it('counts each namespace for itself, and all together where they are shared', async () => {
      const sockets = await Promise.all(
        ['/', '/auth'].map((nsp) => hear(nsp, (each) => void each.connect())),
      );
      expect(sockets.map(({ heard }) => heard)).to.deep.equal([['connect'], ['connect']]);
      for (const { socket } of sockets) socket.disconnect();
    });
  });
