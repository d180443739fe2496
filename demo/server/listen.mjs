/**
 * Listens, or fails with a sentence that says which variable moves the server elsewhere.
 *
 * @param {import('node:http').Server} server
 * @param {{ port: number, host: string, variable: 'PORT' | 'PUSH_PORT' }} where
 */
export function listen(server, { port, host, variable }) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(explain(error, port, variable), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
}

function explain(error, port, variable) {
  const elsewhere = `Choose another with ${variable}, for example: ${variable}=${port + 100} npm start`;
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is busy: another program listens there. ${elsewhere}`;
  if (error.code === 'EACCES') return `Port ${port} is not allowed for this user. ${elsewhere}`;
  return `Can't listen on port ${port}: ${error.message}`;
}
