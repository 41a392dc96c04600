import { diskAdvice } from '../../../../src/runtime/broker/nats-server/disk-advice';

test.each([
  [
    "[7] 2026/11/30 10:48:53.865665 [ERR] JetStream failed to store a msg on stream '$memphis > one$1': write /store/1.blk: no space left on device",
    'could not store data: the disk of the store is full. Free space; the broker then continues.',
  ],
  [
    '[7] 2026/11/30 10:48:53 [ERR] JetStream out of File resources, will be DISABLED',
    'could not store data: the disk is full, and nats-server has disabled JetStream. Free space, then start the broker again.',
  ],
  ['[7] 2026/11/30 10:48:53 [INF] Server is ready', undefined],
])('%s', (line, advice) => {
  expect(diskAdvice(line)).toBe(advice);
});
