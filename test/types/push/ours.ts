/** What cases.ts is compiled against by `tsc -p test`: our own types. */
import type { Hadoken } from '../../../src/parent/index.ts';

export type {
  DisconnectDescription,
  ExtendedError,
  Manager,
  ManagerOptions,
  ManagerReservedEvents,
  Socket,
  SocketOptions,
  SocketReservedEvents,
} from '../../../src/parent/index.ts';

declare const hadoken: Hadoken;
export const { io } = hadoken;
export const NewManager = hadoken.Manager;
