import { LocalBroker } from '../../../src/runtime/broker';
import type { LocalBrokerOptions } from '../../../src/runtime/broker';
import type { Options, Tour } from './tour';
import { rejection } from '../../support/rejection';

export async function ownBroker(tour: Tour, options: LocalBrokerOptions = {}): Promise<LocalBroker> {
  const broker = await LocalBroker.start({ store: 'memory', log: () => undefined, ...options });
  tour.cleanUp(() => broker.stop());
  return broker;
}

export async function refusal(tour: Tour, options: Options): Promise<string> {
  return (await rejection(tour.connect(options))).message;
}
