import type { NatsConnection } from 'nats';
import { BrokerRefusedError } from '../../model/errors';
import { externalName } from '../../model/names';
import { explainRequestError } from '../connection/request-error';

const TIMEOUT_MS = 20_000;

/**
 * Detaches the schema of a station over NATS, which a broker that lets clients in by a connection token needs: there the
 * call of its REST API always answers 500 (Memphis 1.4.4). A station that is gone counts as done.
 */
export async function detachSchemaOverNats(
  nats: NatsConnection,
  username: string,
  station: string,
): Promise<void> {
  const attempted = `detach the schema of station "${station}"`;
  const body = JSON.stringify({ station_name: externalName(station), username });
  let found: string;
  try {
    found = (await nats.request('$memphis_schema_detachments', body, { timeout: TIMEOUT_MS })).string();
  } catch (error) {
    throw explainRequestError(error, attempted, `${TIMEOUT_MS / 1000} s`);
  }
  if (found !== '' && !/^station .* does not exist$/is.test(found))
    throw new BrokerRefusedError({ attempted, found });
}
