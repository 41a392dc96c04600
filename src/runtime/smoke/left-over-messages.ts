import type { SmokeRecord, SmokeRecords, SmokeStream } from '../admin';
import type { ClientConnection } from '../messaging/connection/client-connection';
import { BATCH, deleteOwn, streamNow } from './own-messages';

/** So many batches are looked at before the record says how far the removal is. */
const BATCHES_PER_NOTE = 20;

/**
 * Deletes the messages that a killed run has left in streams that stay: those with its header, in what was stored from its beginning on
 * until it must have ended. The record says how far the removal has come, so that the next one goes on there.
 */
export async function deleteLeftOverMessages(
  connection: ClientConnection,
  records: SmokeRecords,
  runId: string,
  record: SmokeRecord,
): Promise<void> {
  const { streams = [], lastsMs = 0 } = record;
  if (streams.length === 0) return;
  const writtenAt = await records.writtenAt(runId);
  // Another run has removed everything meanwhile.
  if (writtenAt === undefined) return;
  const endsAt = record.endsAt ?? writtenAt + lastsMs;
  for (const [index, stream] of streams.entries()) {
    await deleteIn(connection, stream, runId, endsAt, async (after) => {
      const left = [{ ...stream, after }, ...streams.slice(index + 1)];
      await records.write(runId, { ...record, streams: left, endsAt });
    });
  }
}

async function deleteIn(
  connection: ClientConnection,
  stream: SmokeStream,
  runId: string,
  endsAt: number,
  note: (after: number) => Promise<void>,
): Promise<void> {
  const now = await streamNow(connection, stream.stream);
  if (now?.created !== stream.created) return;
  const { firstSequence, lastSequence } = now;
  let batches = 0;
  for (let next = Math.max(stream.after + 1, firstSequence); next <= lastSequence; next += BATCH) {
    const end = Math.min(lastSequence + 1, next + BATCH);
    const sequences = Array.from({ length: end - next }, (_, index) => next + index);
    const { isSameStream, latestAt } = await deleteOwn(connection, stream, runId, sequences);
    if (!isSameStream || latestAt > endsAt) return;
    batches += 1;
    if (batches % BATCHES_PER_NOTE === 0) await note(end - 1);
  }
}
