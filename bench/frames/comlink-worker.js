importScripts('/modules/comlink/dist/umd/comlink.min.js');
addEventListener('message', ({ ports: [port] }) =>
  Comlink.expose({ echo: (value) => value }, port),
);
