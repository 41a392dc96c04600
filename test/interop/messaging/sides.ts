import type { ConsumerOptions, Memphis, Message } from '../../../src/runtime/messaging';
import type { SdkName } from '../sdk/official-sdk';
import type { Tour } from '../tour/tour';

/** Our runtime on one side, an official client on the other. */
export interface Sides {
  readonly tour: Tour;
  readonly memphis: Memphis;
}

export interface Feature {
  readonly feature: string;
  /** We produce, they consume. */
  readonly toThem: ((sides: Sides) => Promise<void>) | Hole;
  /** They produce, we consume. */
  readonly toUs: ((sides: Sides) => Promise<void>) | Hole;
}

/** A client that cannot take part, and why; it is left out of this case. */
export interface Hole {
  readonly except: SdkName;
  readonly because: string;
  readonly verify: (sides: Sides) => Promise<void>;
}

export const produce = ({ memphis }: Sides, stationName: string, message: unknown, more: object = {}) =>
  memphis.produce({ stationName, producerName: 'ours', message, ...more });

export const ours = ({ memphis }: Sides, stationName: string, options: Partial<ConsumerOptions> = {}) =>
  memphis.consumer({ stationName, consumerName: 'ours', batchMaxTimeToWaitMs: 1_000, ...options });

export const data = (message: Message | undefined): string =>
  Buffer.from(message?.getData() ?? []).toString();

/** Both are members of the group `both`. */
export async function members(
  sides: Sides,
  station: string,
  options: { readonly maxAckTimeMs?: number } = {},
) {
  const group = { consumerGroup: 'both', maxMsgDeliveries: 5, ...options };
  return {
    them: await sides.tour.consumer(station, { consumerName: 'theirs', ...group }),
    us: await ours(sides, station, group),
  };
}
