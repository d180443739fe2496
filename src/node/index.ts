/**
 * `hadoken` in Node, and `hadoken/node`: the same facades, with the host in this process instead of
 * in a frame. It exports what the page's side does.
 */
export { HadokenError, isHadokenError } from '../rpc/errors.ts';
export { transfer } from '../rpc/transfer.ts';
export { connect } from './connect.ts';
