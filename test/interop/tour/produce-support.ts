import { Gate } from '../../runtime/messaging/gate';
import type { Options, Tour } from './tour';
import { kept } from './tour';

/** A headers object of the client, kept under the name that is returned. */
export async function headersObject(tour: Tour, pairs: Options): Promise<string> {
  const keep = tour.unique('headers');
  await tour.sdk.call('driver', 'headers', [{ $value: pairs }], keep);
  return keep;
}

/** What the client takes for headers: the Python one only its own objects. */
export async function headers(tour: Tour, pairs: Options): Promise<unknown> {
  return tour.isPython ? kept(await headersObject(tour, pairs)) : pairs;
}

export async function firstData(tour: Tour, station: string): Promise<Buffer> {
  return (await tour.broker.storedMessage(station, 1, 1)).data;
}

export const connected = async (tour: Tour, station: string): Promise<string[]> =>
  (await tour.overview(station)).connected_producers.map((each) => each.name);

/** A producer whose messages reach the broker no more. */
export async function unheard(tour: Tour): Promise<string> {
  const gate = await Gate.before(tour.credentials.port);
  tour.cleanUp(() => gate.close());
  const name = await tour.station();
  const client = await tour.connect({ port: gate.port, reconnect: false });
  const producer = await tour.producer(name, {}, client);
  gate.swallow();
  return producer;
}
