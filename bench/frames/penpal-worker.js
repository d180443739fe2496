importScripts('/modules/penpal/dist/penpal.min.js');
addEventListener('message', ({ ports: [port] }) => {
  Penpal.connect({
    messenger: new Penpal.PortMessenger({ port }),
    methods: { echo: (value) => value },
  });
});
