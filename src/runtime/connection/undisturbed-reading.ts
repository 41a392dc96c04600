import type { NatsConnection } from 'nats';
import { protocolOf } from './nats-protocol';

/**
 * Sees to it that one message which cannot be read, such as a reply with broken headers, costs no more than itself. In the
 * NATS client it ends all reading without a word: nothing that is asked later is ever answered, and the connection seems to
 * be alive.
 */
export function undisturbedReading(nats: NatsConnection): NatsConnection {
  const protocol = protocolOf(nats);
  const take = protocol.processMsg.bind(protocol);
  protocol.processMsg = (message, data) => {
    try {
      take(message, data);
    } catch {
      // Who waits for it hears of a time-out. What a subscription's own function throws is caught by that.
    }
  };
  return nats;
}
