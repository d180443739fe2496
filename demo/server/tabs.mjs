const FRESH = 5_000; // ms after which a tab that says nothing is taken for gone

/**
 * Namespace `/tabs`: who is behind each socket. The server sees sockets, and not tabs: where tabs share one, each says
 * `here` over it, and all hear the `list`.
 */
export function startTabs(io) {
  const tabs = io.of('/tabs');
  tabs.on('connection', (socket) => {
    const known = new Map();
    const tellList = async () => {
      const now = Date.now();
      for (const [id, { time }] of known) if (now - time > FRESH) known.delete(id);
      const origins = {};
      for (const { origin } of known.values()) origins[origin] = (origins[origin] ?? 0) + 1;
      // On an app node of a cluster there is no engine to ask; a page opens the namespace `/` on each connection.
      const [sockets, connections] = await Promise.all([tabs.fetchSockets(), io.fetchSockets()]);
      socket.emit('list', { origins, sockets: sockets.length, connections: connections.length });
    };
    socket.on('here', async (id, origin) => {
      if (typeof id !== 'string' || typeof origin !== 'string' || known.size > 100) return;
      known.set(id.slice(0, 64), { origin: origin.slice(0, 200), time: Date.now() });
      await tellList();
    });
    socket.on('gone', async (id) => {
      known.delete(id);
      await tellList();
    });
  });
}
