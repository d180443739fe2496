const KEPT_RUNS = 100;

/**
 * What really reached this server, counted where it can't be argued with. Requests with `?run=…` are also counted by
 * run, so that the page can ask what one race cost.
 */
export function createSeen() {
  const since = new Date().toISOString();
  const total = { requests: 0, options: 0 };
  const runs = new Map();

  return {
    count(request, url) {
      const preflight = request.method === 'OPTIONS';
      add(total, preflight);
      const id = url.searchParams.get('run');
      if (!id || url.pathname.endsWith('/v1/seen')) return;
      if (!runs.has(id)) runs.set(id, { requests: 0, options: 0 });
      if (runs.size > KEPT_RUNS) runs.delete(runs.keys().next().value);
      const run = runs.get(id);
      add(run, preflight);
      if (!preflight) Object.assign(run, { last: describe(request) });
    },
    report: (id) => ({
      since,
      total,
      run: id ? (runs.get(id) ?? { requests: 0, options: 0 }) : undefined,
    }),
  };
}

function add(counter, preflight) {
  counter.requests += 1;
  if (preflight) counter.options += 1;
}

/** What the server was told about where a request comes from. */
export function describe(request) {
  const { headers } = request;
  return {
    method: request.method,
    secFetchSite: headers['sec-fetch-site'] ?? null,
    hadokenOrigin: headers['hadoken-origin'] ?? null,
    origin: headers.origin ?? null,
  };
}
