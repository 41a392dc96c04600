import { ProtocolError } from '../../../../model/errors';
import { partitionStream } from '../../../../model/names';
import type { LedgerFrozen, StreamInfo } from '../../../admin';
import { createAroundStreams } from '../create';
import { openSubjects } from '../../../../model/stream-settings';
import { streamConfigOf } from '../stream-config';
import type { Carry } from './carry';
import { copyConfig, copyName, partitionOf } from './copies';
import type { CarryMethod } from './method';

/**
 * Snapshots of whole partitions, kept in streams of the broker and restored under the same names: messages keep their
 * times and sequence numbers, and consumer groups their positions. For stations on disk that stay there under their name
 * and get no fewer partitions.
 */
export const bySnapshot: CarryMethod = {
  async copyOut(carry, frozen) {
    const { admin } = carry.run;
    const held: LedgerFrozen[] = [];
    for (const { config, state } of frozen) {
      const partition = partitionOf({ config });
      const copy = copyName(carry.from, partition);
      await admin.createStream({ ...copyConfig(copy, config), subjects: [copy] });
      const { state: taken, chunks } = await admin.takeSnapshot(config.name, copy);
      // What retention has dropped since it was frozen is not missing.
      const messages = Math.min(state.messages, taken.messages);
      held.push({ partition, messages, lastSequence: state.last_seq, chunks });
      if (taken.last_seq !== state.last_seq) throw changed(carry, config.name);
    }
    return held;
  },

  async refuseShortfall(carry, held) {
    const { admin } = carry.run;
    for (const { partition, chunks } of held) {
      const name = copyName(carry.from, partition);
      const stored = (await admin.readStream(name))?.state.messages;
      if (stored !== chunks) throw incomplete(carry, name, stored ?? 0, chunks);
    }
  },

  // A snapshot depends on nothing.
  cut: () => Promise.resolve(),

  async create(carry) {
    const { run, station, claim } = carry;
    for (const each of carry.record.frozen) await restore(carry, each);
    await createAroundStreams(run, station, claim);
  },

  async copyBack(carry) {
    for (const { partition, lastSequence } of carry.record.frozen) {
      const name = partitionStream(carry.station.name, partition);
      const stream = await carry.run.admin.readStream(name);
      if (stream === undefined || stream.state.last_seq < lastSequence)
        throw incomplete(carry, name, stream?.state.last_seq ?? 0, lastSequence);
    }
  },

  // It was restored open.
  open: () => Promise.resolve(),
};

/** Restores one partition, unless that was done before. */
async function restore(carry: Carry, { partition, chunks, lastSequence }: LedgerFrozen): Promise<void> {
  const { admin } = carry.run;
  const name = partitionStream(carry.station.name, partition);
  const there = await admin.readStream(name);
  if (there !== undefined) {
    if (isRestored(there, lastSequence)) return;
    // What a removal that broke off has left of the old station: the snapshot has all of it.
    await admin.deleteStream(name);
  }
  const like = carry.record.config;
  if (like === undefined) throw incomplete(carry, name, 0, chunks);
  const config = streamConfigOf({ ...like, name }, carry.station, admin.facts);
  await admin.restoreSnapshot(copyName(carry.from, partition), chunks, config);
}

/** A partition of the old station is frozen; a restored one is open. */
function isRestored({ config, state }: StreamInfo, lastSequence: number): boolean {
  return (
    (config.subjects ?? []).includes(openSubjects(config.name)[0] ?? '') && state.last_seq >= lastSequence
  );
}

function changed(carry: Carry, stream: string): ProtocolError {
  return new ProtocolError({
    attempted: carry.attempted,
    found: `stream "${stream}" changed although it was frozen; the station was opened again`,
    next: 'Deploy again when no other run is changing the station',
  });
}

function incomplete(carry: Carry, stream: string, has: number, expected: number): ProtocolError {
  return new ProtocolError({
    attempted: carry.attempted,
    found: `stream "${stream}" has ${has} of ${expected} entries`,
    next: "Deploy again; if the problem persists, check the broker's log. Nothing was removed that has no copy",
  });
}
