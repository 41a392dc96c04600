import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { partitionStream } from '../../model/names';
import { anything } from '../connection/shape';
import type { RestApi } from './rest';
import { RestRefusal } from './rest';

/** Beyond every sequence number of a message, and within those that a broker can store. */
const [LEAST, MOST] = [2 ** 30, 2 ** 31 - 1];
/** How long a request may be on its way from one server of a cluster to another. */
const ON_ITS_WAY_MS = 500;
/** A subscription may have reached the other servers of a cluster only after the first request. */
const TRIES = 3;

/**
 * Whether a client port sees the requests that a REST API makes to its own streams: the proof that both belong to one
 * broker, whatever is on it. The REST API is asked for a message with a random number that no message has, looks for it
 * in the stream of a partition, and says that there is none.
 *
 * Requests: 1, and 2 more where nothing is seen. Nothing is written.
 * @returns undefined when it cannot be told, because one side does not permit it or the station is gone
 */
export async function seesRequestsOf(
  nats: NatsConnection,
  rest: RestApi,
  station: string,
  partition: number,
): Promise<boolean | undefined> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const seen = await seesRequest(nats, rest, station, partition).catch(() => undefined);
    if (seen !== false) return seen;
  }
  return false;
}

async function seesRequest(
  nats: NatsConnection,
  rest: RestApi,
  station: string,
  partition: number,
): Promise<boolean | undefined> {
  const number = randomInt(LEAST, MOST);
  const arrival = new AbortController();
  const forbidden = new AbortController();
  const subscription = nats.subscribe(`$JS.API.STREAM.MSG.GET.${partitionStream(station, partition)}`, {
    callback: (error, message) => {
      if (error !== null) forbidden.abort();
      else if (message.string().includes(String(number))) arrival.abort();
    },
  });
  try {
    await nats.flush();
    if (!(await isAskedFor(rest, station, partition, number))) return undefined;
    await nats.flush();
    const known = AbortSignal.any([arrival.signal, forbidden.signal]);
    await setTimeout(ON_ITS_WAY_MS, undefined, { signal: known }).catch(() => undefined);
    return forbidden.signal.aborted ? undefined : arrival.signal.aborted;
  } finally {
    subscription.unsubscribe();
  }
}

async function isAskedFor(
  rest: RestApi,
  station: string,
  partition: number,
  number: number,
): Promise<boolean> {
  try {
    await rest.call({
      method: 'GET',
      path: '/stations/getMessageDetails',
      query: { station_name: station, partition_number: partition, message_seq: number },
      attempted: 'find out whether the REST API and the client port belong to one broker',
      reply: anything,
    });
    return true;
  } catch (error) {
    return error instanceof RestRefusal && error.status === 406 && !error.saysMissing('station');
  }
}
