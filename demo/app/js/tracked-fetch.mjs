import { hadoken } from './client.mjs';
import { duration, problem } from './format.mjs';
import { log } from './log.mjs';
import { fly } from './stage.mjs';

/** `hadoken.fetch` with a line in the log and a ball on the stage. */
export async function trackedFetch(url, init = {}) {
  const start = performance.now();
  const what = `${init.method ?? 'GET'} ${url}`;
  fly('out', 'ajax');
  try {
    const response = await hadoken.fetch(url, init);
    log(
      'ajax',
      `${what} → ${response.status} in ${duration(performance.now() - start)}`,
      response.ok ? 'good' : 'bad',
    );
    fly('in', 'ajax');
    return response;
  } catch (error) {
    const { name, message } = problem(error);
    log('ajax', `${what} → ${name}: ${message}`, 'bad');
    throw error;
  }
}
