import { internalName, partitionStream } from '../../../model/names';
import type { WaitOptions } from '../../connection/abort';
import type { ClientConnection } from '../connection/client-connection';
import { readStream } from '../connection/jetstream-api';

/** Whether a station exists, without making it: its first partition, or its only stream, is there. */
export async function stationExists(
  connection: ClientConnection,
  name: string,
  attempted: string,
  options?: WaitOptions,
): Promise<boolean> {
  for (const stream of [partitionStream(name, 1), internalName(name)]) {
    if ((await readStream(connection, stream, attempted, options)) !== undefined) return true;
  }
  return false;
}
