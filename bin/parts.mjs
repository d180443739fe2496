/** The parts of frame.js that it loads when they are needed: dist/frame.*.js. */
export const PARTS = [
  'frame.io.js',
  'frame.msgpack.js',
  'frame.hub.js',
  'frame.vault.js',
  'frame.urlpattern.js',
];
