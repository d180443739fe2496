import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { control, frameUrl, until } from '../support/env.ts';

describe('push through the built frame', () => {
  it('connects, emits, acknowledges both ways, sends binary, disconnects, comes back', async () => {
    const hadoken = connect(frameUrl());
    const socket = hadoken.io({ reconnectionDelay: 50 });
    const seen: string[] = [];
    socket.on('connect', () => seen.push('connect'));
    socket.on('disconnect', (reason) => seen.push(reason));
    expect(socket.connected).to.equal(false);
    expect(await socket.emitWithAck('echo', 1, 'two')).to.equal(1);
    expect(socket.connected).to.equal(true);
    expect(socket.id).to.be.a('string');
    socket.on('question', (value, ack) => ack(value * 2, 'done'));
    expect(await socket.emitWithAck('ask', 'question', 21)).to.deep.equal({ answer: [42, 'done'] });
    const bytes = new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4);
    const back = await socket.emitWithAck('echo', { deep: [bytes] });
    expect([...new Uint8Array(back.deep[0])]).to.deep.equal([1, 2, 3]);
    expect(bytes.buffer.byteLength).to.equal(5);
    socket.disconnect();
    expect(seen).to.deep.equal(['connect', 'io client disconnect']);
    socket.connect();
    await until(() => socket.connected);
    await control('io/stop');
    await until(() => !socket.connected);
    await control('io/start');
    await until(() => socket.connected);
    expect(seen.slice(2)).to.deep.equal(['connect', 'transport close', 'connect']);
    hadoken.close();
    expect(socket.connected).to.equal(false);
  });
});
