import { errorOutcome, type Kit } from './outcome.ts';

/** How long a case may take, in ms: one that never ends has to be told from the others. */
const LIMIT = 20_000;

/** What came of a case. */
export async function run(work: (kit: Kit) => unknown, kit: Kit): Promise<unknown> {
  try {
    const late = new Promise((_, reject) => setTimeout(reject, LIMIT, 'never ended'));
    return await Promise.race([work(kit), late]);
  } catch (error) {
    return errorOutcome(error);
  }
}
