import { expect } from '@esm-bundle/chai';
import type { Effects, NoticeChannel } from '../../src/frame/effects.ts';
import { readNotice, readNoticeMessage } from '../../src/rpc/wire/notice.ts';
import { type BareHost, bareHost, PAGE } from '../support/bare-host.ts';
import { until, wait } from '../support/env.ts';

const OTHER = 'https://other.test';
const origins = [PAGE, OTHER, 'https://*.shop.test'];
let names = 0;
/** Two pages of one browser, each with a host of its own. */
function twoPages(): { name: string; first: BareHost; second: BareHost } {
  names += 1;
  const name = `notices test ${names}`;
  const effects: Partial<Effects> = { openNotices: () => new BroadcastChannel(name) };
  const [first, second] = [{}, {}].map(() => bareHost({ origins }, undefined, effects)) as [
    BareHost,
    BareHost,
  ];
  return { name, first, second };
}
/** Until both have a session, which their first call waits for. */
const ready = async (...hosts: BareHost[]): Promise<void> => {
  for (const host of hosts)
    await host
      .service<{ none(): void }>('none')
      .none()
      .catch(() => {});
};

const codeOf = (run: () => void): string | undefined => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe('notify()', () => {
  it('tells every page once, the own one too, and data as structured clone has it', async () => {
    const { first, second } = twoPages();
    await ready(first, second);
    const data = { at: new Date(0), users: new Set(['ryu']) };
    first.notify('signed-out', data);
    second.notify('release');
    await until(() => first.notices.length === 2 && second.notices.length === 2);
    await wait(30);
    for (const { notices } of [first, second])
      expect(notices).to.have.deep.members([
        ['signed-out', data],
        ['release', undefined],
      ]);
  });

  it('tells pages that its own serve() lets in, and none of another host', async () => {
    names += 1;
    const effects: Partial<Effects> = {
      openNotices: () => new BroadcastChannel(`notices test ${names}`),
    };
    const first = bareHost({ origins: [PAGE] }, undefined, effects);
    const second = bareHost({ origins: [OTHER] }, undefined, effects, OTHER);
    await ready(first, second);
    first.notify('ours', 1);
    await until(() => first.notices.length);
    second.notify('theirs', 2);
    await until(() => second.notices.length);
    await wait(30);
    expect(first.notices).to.deep.equal([['ours', 1]]);
    expect(second.notices).to.deep.equal([['theirs', 2]]);
  });

  it('says of an origin that can’t be read that it is its own', () => {
    const { first } = twoPages();
    expect(() => first.notify('a', 1, { origins: ['app.test'] })).to.throw(
      'notify(): origins has "app.test", which is no origin.',
    );
    first.close();
  });

  it('tells the pages of `origins`, and no other', async () => {
    const { first, second } = twoPages();
    await ready(first, second);
    first.notify('theirs', 1, { origins: [OTHER, 'https://*.shop.test', 'https://a.shop.test'] });
    first.notify('ours', 2, { origins: [OTHER, PAGE] });
    await until(() => second.notices.length);
    await wait(30);
    expect(first.notices).to.deep.equal([['ours', 2]]);
    expect(second.notices).to.deep.equal([['ours', 2]]);
  });

  it('tells the pages of its own host where there is no channel', async () => {
    for (const openNotices of [undefined, () => undefined]) {
      const host = bareHost({}, undefined, openNotices ? { openNotices } : {});
      await ready(host);
      host.notify('alone', 1);
      await until(() => host.notices.length);
      expect(host.notices).to.deep.equal([['alone', 1]]);
    }
  });

  it('throws INVALID_ARGUMENT for what can’t be read or cloned', async () => {
    const { first } = twoPages();
    type Args = Parameters<typeof first.notify>;
    const wrong: unknown[][] = [
      ...[[], [undefined], [null], [7], [''], ['x'.repeat(129)], [Symbol('x')], [{}]],
      ...[
        ['a', () => 1],
        ['a', { deep: [() => 1] }],
        ['a', Symbol('x')],
        ['a', window],
      ],
      ...[
        ['a', 1, null],
        ['a', 1, 7],
        ['a', 1, { origin: [PAGE] }],
        ['a', 1, { origins: PAGE }],
      ],
      ...[
        ['a', 1, { origins: [] }],
        ['a', 1, { origins: ['*'] }],
        ['a', 1, { origins: [7] }],
      ],
      ...[['a', 1, { origins: ['https://stranger.test'] }]],
      ...[['a', 1, { origins: [PAGE, 'https://*.app.test'] }]],
    ];
    for (const args of wrong)
      expect(
        codeOf(() => first.notify(...(args as Args))),
        String(args[0]),
      ).to.equal('INVALID_ARGUMENT');
    expect(() => first.notify('a', () => 1)).to.throw(/can't be cloned: .*[^.]\.$/);
    await wait(20);
    expect(first.notices).to.deep.equal([]);
    expect(codeOf(() => first.notify('x'.repeat(128)))).to.equal(undefined);
  });

  it('throws LIMIT_EXCEEDED for more than 50 in a second, and none of those goes', async () => {
    const { first, second } = twoPages();
    await ready(first, second);
    const codes = Array.from({ length: 60 }, (_, i) => codeOf(() => first.notify('flood', i)));
    expect(codes.filter(Boolean)).to.deep.equal(Array(10).fill('LIMIT_EXCEEDED'));
    await until(() => second.notices.length >= 50);
    await wait(30);
    expect(second.notices).to.have.length(50);
    await wait(1_000);
    expect(codeOf(() => first.notify('later'))).to.equal(undefined);
  });
});

describe('what comes over the channel of notices', () => {
  it('is dropped where it can’t be read, and stops nothing', async () => {
    const { name, first } = twoPages();
    await ready(first);
    const channel = new BroadcastChannel(name);
    const bad = [
      ...[null, undefined, 1, 'text', [], {}, { name: 7 }, { name: '' }, { name: 'x'.repeat(129) }],
      ...[
        { name: 'a', origins: PAGE },
        { name: 'a', origins: [7] },
        { name: 'a', origins: {} },
      ],
      ...[
        { name: 'a', origins: ['*'] },
        { name: 'a', origins: [] },
        { name: 'a', origins: [''] },
      ],
      { name: 'a', origins: [PAGE, 'no origin'] },
    ];
    for (const message of bad) channel.postMessage(message);
    channel.postMessage({ name: 'good', data: 1, origins: [PAGE], more: 2 });
    await until(() => first.notices.length);
    expect(first.notices).to.deep.equal([['good', 1]]);
    channel.close();
  });

  it('is rebuilt by its readers', () => {
    expect(readNotice({ name: 'a', data: 1, hadoken: 'x' })).to.deep.equal({
      name: 'a',
      data: 1,
      origins: undefined,
    });
    const message = { hadoken: 'NOTIFY', name: 'a', data: { b: 1 } };
    expect(readNoticeMessage({ ...message, id: 1 })).to.deep.equal(message);
    for (const other of [null, 1, {}, { ...message, hadoken: 'notify' }, { ...message, name: 1 }])
      expect(readNoticeMessage(other)).to.equal(undefined);
  });

  it('is listened to from the first page on, by one channel', async () => {
    let opened = 0;
    const openNotices = (): NoticeChannel => {
      opened += 1;
      return { onmessage: null, postMessage() {}, close() {} };
    };
    const host = bareHost({}, undefined, { openNotices });
    await ready(host);
    host.lose();
    await ready(host);
    expect(opened).to.equal(1);
  });
});
