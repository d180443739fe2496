export { ClusterError } from './src/cluster-error.js';
export { createDurableAdapter } from './src/durable-adapter.js';
export { saveSession } from './src/save-session.js';
