/** `hadoken/frame` in Node, where there is no frame: what it exports can be imported, no more. */
import { HadokenError } from '../rpc/errors.ts';

export { service } from '../frame/services/service.ts';
export { HadokenError, isHadokenError } from '../rpc/errors.ts';
export { transfer } from '../rpc/transfer.ts';
export { notify } from './notify.ts';

/** Throws UNSUPPORTED. */
export function serve(): never {
  throw new HadokenError('UNSUPPORTED', 'serve() runs in a frame and in its worker, not in Node.');
}

/** Rejects with UNSUPPORTED. */
export async function endShared(): Promise<never> {
  throw new HadokenError('UNSUPPORTED', 'endShared() is for a frame: in Node nothing is shared.');
}

/** Rejects with UNSUPPORTED. */
const noVault = async (): Promise<never> => {
  throw new HadokenError('UNSUPPORTED', 'vault is for a frame: in Node there is none.');
};

/** Its methods reject with UNSUPPORTED. */
export const vault = { clear: noVault, signIn: noVault };
