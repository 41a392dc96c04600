import { MessageLossError, ProtocolError } from '../../../../model/errors';
import { partitionStream } from '../../../../model/names';
import type { StreamConfig, StreamInfo } from '../../../admin';
import { createStation } from '../create';
import { openSubjects } from '../../../../model/stream-settings';
import type { Carry } from './carry';
import { caughtUp, copyConfig, copyName, partitionOf } from './copies';
import type { CarryMethod } from './method';
import { byTarget } from './placement';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * Messages copied by the server from stream to stream. Their headers, ids and order within the old partition stay; their
 * times and sequence numbers are new, and consumer groups go with the old station.
 */
export const bySources: CarryMethod = {
  async copyOut(carry, frozen) {
    const { admin } = carry.run;
    const old = frozen.map((stream) => ({
      stream,
      partition: partitionOf(stream),
      messages: stream.state.messages,
    }));
    const targets = byTarget(old, carry.station.partitionsNumber);
    for (const [target, sources] of targets) {
      const [like] = sources;
      if (like === undefined) continue;
      await admin.createStream({
        ...copyConfig(copyName(carry.from, target), like.stream.config),
        sources: sources.map(({ stream }) => ({ name: stream.config.name })),
      });
    }
    for (const [target, sources] of targets) {
      const expected = sum(sources.map(({ messages }) => messages));
      await caughtUp(admin, copyName(carry.from, target), expected, carry.attempted);
    }
    return old.map(({ stream, partition, messages }) => ({
      partition,
      messages,
      lastSequence: stream.state.last_seq,
      chunks: 0,
    }));
  },

  async refuseShortfall(carry, held) {
    const { admin } = carry.run;
    for (const [target, sources] of byTarget(held, carry.station.partitionsNumber)) {
      const counts = await admin.countBySubject(copyName(carry.from, target));
      for (const { partition } of sources) {
        const stream = partitionStream(carry.from, partition);
        // What retention has dropped since it was frozen is not missing.
        const there = (await admin.readStream(stream))?.state.messages ?? 0;
        const copied = sum(
          [...counts].flatMap(([subject, n]) => (subject.startsWith(`${stream}.`) ? [n] : [])),
        );
        if (copied < there) throw shortfall(carry, partition, copied, there);
      }
    }
  },

  async cut(carry, held) {
    const { admin } = carry.run;
    for (const target of byTarget(held, carry.station.partitionsNumber).keys()) {
      const name = copyName(carry.from, target);
      const copy = await admin.readStream(name);
      if (copy === undefined) throw copyGone(carry, name);
      // Explicitly: a source that is left out stays, and copying back would be a circle.
      await admin.updateStream({ ...copy.config, sources: [] });
    }
  },

  create: (carry) =>
    createStation(carry.run, carry.station, carry.claim, { allowMessageLoss: false }).then(() => undefined),

  async copyBack(carry) {
    const { admin } = carry.run;
    const { name, partitionsNumber } = carry.station;
    const targets = [...byTarget(carry.record.frozen, partitionsNumber)];
    for (const [target, sources] of targets) {
      const stream = await partition(carry, name, target);
      const copy = copyName(carry.from, target);
      if ((await admin.readStream(copy)) === undefined) throw copyGone(carry, copy);
      if (isFed(stream.config)) continue;
      await admin.updateStream({
        ...stream.config,
        // What is published from now on would stand before what is carried.
        subjects: [`${stream.config.name}.frozen`],
        sources: [
          {
            name: copy,
            // A consumer of the new partition sees its own subject only.
            subject_transforms: sources.map(({ partition: old }) => ({
              src: `${partitionStream(carry.from, old)}.>`,
              dest: `${stream.config.name}.>`,
            })),
          },
        ],
      });
    }
    for (const [target] of targets) {
      const stream = partitionStream(name, target);
      const held = (await admin.readStream(copyName(carry.from, target)))?.state.messages ?? 0;
      const { state } = await caughtUp(admin, stream, held, carry.attempted);
      if (state.last_seq < held) throw shortfall(carry, target, state.last_seq, held);
    }
  },

  async open(carry) {
    const { admin } = carry.run;
    const { name } = carry.station;
    for (const target of byTarget(carry.record.frozen, carry.station.partitionsNumber).keys()) {
      // A station in memory may have lost its streams since; what comes next creates them.
      const config = (await admin.readStream(partitionStream(name, target)))?.config;
      if (config !== undefined && isFed(config))
        await admin.updateStream({ ...config, subjects: openSubjects(config.name), sources: [] });
    }
  },
};

function isFed({ sources }: StreamConfig): boolean {
  return Array.isArray(sources) && sources.length > 0;
}

async function partition(carry: Carry, station: string, number: number): Promise<StreamInfo> {
  const name = partitionStream(station, number);
  const stream = await carry.run.admin.readStream(name);
  if (stream !== undefined) return stream;
  throw new ProtocolError({
    attempted: carry.attempted,
    found: `the new station has no stream "${name}"`,
    next: 'Deploy again; the copies of the messages are on the broker',
  });
}

function copyGone(carry: Carry, name: string): MessageLossError {
  return new MessageLossError({
    attempted: carry.attempted,
    found: `the copy "${name}" is not on the broker any more`,
    next: "Check the broker's log and its storage; restore the stream from a backup if you have one",
  });
}

function shortfall(carry: Carry, number: number, copied: number, held: number): MessageLossError {
  const isBack = carry.record.phase === 'copied';
  return new MessageLossError({
    attempted: carry.attempted,
    found: `the broker copied ${copied} of the ${held} messages of partition ${number}; it drops a message whose id occurred before${isBack ? '' : '; the station was opened again, and nothing was lost'}`,
    next: isBack
      ? 'The copies are still on the broker. Deploy again'
      : 'Let consumers read the station and the retention drop those messages; or set allowMessageLoss: true and onReplace: recreate to replace the station without its messages',
  });
}
