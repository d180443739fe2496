/** Who a page is in a namespace: asked at each join, and at each reconnect. */
import { createAsking } from '../../frame/push/credentials.ts';
import type { ManagerHostOptions } from '../../frame/push/manager.ts';
import { isName } from '../../frame/push/recovery.ts';
import type { WireError } from '../../rpc/errors.ts';
import { identityOf, sealOf } from '../identity.ts';
import type { SeatParts } from './parts.ts';
import { keyOf, type Place } from './place.ts';

/** What is known of a page once it has asked to join. */
export type Known = Pick<
  Place,
  'own' | 'added' | 'page' | 'host' | 'seal' | 'offered' | 'offset' | 'session'
>;

export type Identify = {
  /** `data`: what the page gives to CONNECT. Rejects as host.js' auth does. */
  ask(nsp: string, data?: Record<string, unknown>): Promise<Known>;
  /** The server has let the page in, or has not. */
  admitted(): void;
  refused(error: WireError): void;
};

/** All namespaces of a page are asked for together. */
const ALL = '';

/** `timeout`: for host.js' auth, in ms, as the page's Manager has it. */
export function createIdentify(
  { auth, context, recovery, log }: ManagerHostOptions,
  { offsets, generation, clock }: SeatParts,
  timeout: () => number | boolean,
): Identify {
  const author = auth && createAsking(auth, context, log);
  let asking: Promise<object | undefined> | undefined;
  /**
   * What host.js' auth says of the page now. Namespaces that are joined in one task share the
   * answer, and one that is joined later does not: the user may be another by then.
   */
  const askOnce = (): Promise<object | undefined> => {
    asking ??= new Promise<void>((resolve) => {
      clock.setTimeout(resolve, 0);
    }).then(() => {
      asking = undefined;
      return author?.ask(ALL, timeout());
    });
    return asking;
  };
  const ask: Identify['ask'] = async (nsp, data) => {
    const { pid, offset: offered, ...rest } = data ?? {};
    const own = isName(pid) ? rest : data;
    const [added, current] = await Promise.all([askOnce(), generation.current()]);
    // What host.js says, or keeps the page from saying, is not the page's word.
    const said = Object.fromEntries(Object.keys(added ?? {}).map((name) => [name, undefined]));
    const page = identityOf({ ...own, ...said });
    const host = added ? identityOf(added) : '';
    const seal = await sealOf(page, host, current);
    const key = keyOf({ nsp, seal });
    const session = isName(pid) ? await recovery.find(key, pid) : undefined;
    const offset = await offsets.read(offered, key);
    return { own, added, page, host, seal, offered, offset, session };
  };
  return {
    ask,
    admitted: () => author?.admitted(ALL),
    refused: (error) => author?.refused(ALL, error),
  };
}
