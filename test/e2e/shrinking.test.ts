import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'nats';
import { Retention } from '../../src/model/retention';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();

interface Case {
  readonly why: string;
  readonly after: Attributes;
  /** What the refusal says would go; nothing when the change loses nothing. */
  readonly drops?: string;
  /** What is there after the change was permitted. */
  readonly left: number;
}

/** Every station holds 10 messages in 2 partitions, the first 2 of each acknowledged by the one group there is. */
const cases: Readonly<Record<string, Case>> = {
  fewer: {
    why: 'the limit counts for each partition',
    after: { retention_type: Retention.MESSAGES, retention_value: 3 },
    drops: 'the oldest 2 of 5 messages of partition 1 of station "fewer"',
    left: 6,
  },
  enough: {
    why: 'exactly what is stored stays',
    after: { retention_type: Retention.MESSAGES, retention_value: 5 },
    left: 10,
  },
  smaller: {
    why: 'one byte is less than any message',
    after: { retention_type: Retention.BYTES, retention_value: 1 },
    drops: 'bytes of partition 2 of station "smaller"',
    left: 0,
  },
  wide: {
    why: 'room for all',
    after: { retention_type: Retention.BYTES, retention_value: 1_000_000 },
    left: 10,
  },
  younger: {
    why: 'by the time of the change the messages are older than a second',
    after: { retention_value: 1, idempotency_window_ms: 100 },
    drops: 'those older than 1 s',
    left: 0,
  },
  acked: {
    why: 'a message goes when every group has acknowledged it',
    after: { retention_type: Retention.ACK_BASED },
    drops: 'up to 2 of 5 messages, which every consumer group has acknowledged',
    left: 6,
  },
};

test('limits below what is stored are refused in the plan, and permitted they drop what was said and no more', async () => {
  const { broker } = deployment;
  const stack = deployment.stack();
  const declare = (change: (name: string) => Attributes): void => {
    const names = Object.keys(cases);
    const station = (name: string) => ({ name, partitions_number: 2, ...change(name) });
    stack.declare({ stations: Object.fromEntries(names.map((name) => [name, station(name)])) });
  };
  declare(() => ({}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const nats = await connect({
    servers: `${broker.host}:${broker.port}`,
    user: 'root',
    pass: 'memphis',
    name: `${randomUUID()}::root`,
  });
  const manager = await nats.jetstreamManager();
  for (const name of Object.keys(cases)) {
    await publish(broker, name, 10, 2);
    for (const partition of [1, 2]) {
      const durable = { durable_name: 'group', ack_policy: 'explicit' as never };
      await manager.consumers.add(`${name}$${partition}`, durable);
      const consumer = await nats.jetstream().consumers.get(`${name}$${partition}`, 'group');
      for (let count = 0; count < 2; count += 1) await (await consumer.next())?.ackAck();
    }
  }
  await nats.close();
  const before = await deployment.everything();
  await pause(1_000);

  declare((name) => cases[name]?.after ?? {});
  const refused = await stack.plan();
  const expected = Object.entries(cases).filter(([, { drops }]) => drops !== undefined);
  expect(refused.errors).toHaveLength(expected.length);
  for (const [name, { why, drops }] of expected) {
    const error = refused.errors.find((each) => each.includes(`change station "${name}"`));
    expect([why, error]).toEqual([why, expect.stringContaining(drops ?? '')]);
    expect(error).toContain('nothing was changed');
    expect(error).toContain('allowMessageLoss: true');
    expect(error).toContain('MEMPHIS_MESSAGE_LOSS');
  }
  expect(await deployment.everything()).toEqual(before);

  declare((name) => ({
    ...cases[name]?.after,
    ...(cases[name]?.drops === undefined ? {} : { allow_message_loss: true }),
  }));
  const permitted = await stack.plan();
  expect(permitted).toMatchObject({ code: 2, errors: [] });
  expect(permitted.warnings).toHaveLength(expected.length);
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect((await stack.plan()).code).toBe(0);
  for (const [name, { left }] of Object.entries(cases)) {
    expect([name, await deployment.messages(name)]).toEqual([name, left]);
  }
});
