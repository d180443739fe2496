export { ClusterError } from './src/cluster-error.js';
export { createDurableAdapter } from './src/durable-adapter.js';
export { getClient } from './src/get-client.js';
export { listen } from './src/listen.js';
export { saveSession } from './src/save-session.js';
