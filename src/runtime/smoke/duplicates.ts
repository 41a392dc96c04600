import { SMOKE_HEADER } from '../../model/smoke-test';
import type { Producer } from '../messaging';
import type { SmokeExpectation } from './result';

/** How many messages are sent twice. */
const PAIRS = 10;

/**
 * Sends messages twice with the same id, at once, so that the second one falls into any idempotency window.
 * @param stored is told where each message was stored
 */
export async function checkDuplicates(
  producer: Producer,
  payload: Uint8Array,
  runId: string,
  stored: (partition: number, sequence: number) => void,
): Promise<SmokeExpectation> {
  const [partition] = producer.partitionNumbers;
  const sendOne = (pair: number) =>
    producer.produce({
      message: payload,
      headers: { [SMOKE_HEADER]: runId },
      msgId: `${runId}-twice-${pair}`,
      // The broker compares ids inside of a partition.
      ...(partition === undefined || partition === 0 ? {} : { producerPartitionNumber: partition }),
    });
  const receipts = await Promise.all(
    Array.from({ length: PAIRS }, async (_, pair) => Promise.all([sendOne(pair), sendOne(pair)])),
  );
  for (const receipt of receipts.flat()) stored(receipt.partition, receipt.sequence);
  const dropped = receipts.filter(([, second]) => second.duplicate).length;
  return {
    what: 'duplicates are dropped inside the idempotency window',
    expected: `${PAIRS} of ${PAIRS} second messages dropped`,
    seen: `${dropped} of ${PAIRS} dropped`,
    isMet: dropped === PAIRS,
  };
}
