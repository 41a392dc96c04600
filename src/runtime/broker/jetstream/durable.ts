import { internalName, partitionSubject } from '../../../model/names';
import type { WireConfig } from './api';

/** What a client asks of a consumer group. */
export interface GroupSettings {
  /** 0 and less mean 30 s. */
  readonly maxAckTimeMs: number;
  /** 1 to 10; everything else means 10. */
  readonly maxMsgDeliveries: number;
  readonly startConsumeFromSequence: number;
  /** -1 all messages, 0 new ones, k the last k of every partition. */
  readonly lastMessages: number;
}

const DEFAULT_ACK_MS = 30_000;
const MAX_DELIVERIES = 10;
// The greatest number that is one of JavaScript and one of the server, which reads 64 bits without a sign.
const GREATEST_SEQUENCE = 2 ** 64 - 2048;

/** The name of a group's durable. */
export function durableName(group: string): string {
  return internalName(group);
}

/**
 * The durable of a group on the stream of one partition, as Memphis 1.4.4 sends it.
 * @param lastSequence the last sequence of the stream; needed for `lastMessages` above 0 only.
 */
export function durableConfig(
  stream: string,
  group: string,
  settings: GroupSettings,
  lastSequence: number,
): WireConfig {
  const deliveries = settings.maxMsgDeliveries;
  return {
    durable_name: durableName(group),
    ...startOf(settings, lastSequence),
    ack_policy: 'explicit',
    ack_wait: (settings.maxAckTimeMs > 0 ? settings.maxAckTimeMs : DEFAULT_ACK_MS) * 1_000_000,
    max_deliver: deliveries <= 0 || deliveries > MAX_DELIVERIES ? MAX_DELIVERIES : deliveries,
    filter_subject: partitionSubject(stream),
    replay_policy: 'instant',
    max_ack_pending: -1,
  };
}

function startOf(
  { startConsumeFromSequence, lastMessages }: GroupSettings,
  lastSequence: number,
): WireConfig {
  if (lastMessages === 0) return { deliver_policy: 'new' };
  const from = lastMessages > 0 ? Math.max(1, lastSequence - lastMessages + 1) : startConsumeFromSequence;
  return lastMessages < 0 && from <= 1
    ? { deliver_policy: 'all' }
    : { deliver_policy: 'by_start_sequence', opt_start_seq: Math.min(from, GREATEST_SEQUENCE) };
}
