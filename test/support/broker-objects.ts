import { SmokeRecords } from '../../src/runtime/admin';
import type { TestBroker } from './broker';

interface Listed {
  readonly streams: readonly {
    readonly config: { readonly name: string };
    readonly state: { readonly messages: number; readonly consumer_count: number };
  }[];
}

/** Everything on a broker that a smoke test could leave behind. */
export async function brokerObjects(broker: TestBroker): Promise<unknown> {
  const { streams } = (await broker.jetStream('STREAM.LIST')) as Listed;
  const names = async (path: string) => {
    const { body } = await broker.rest('GET', path);
    return (body as { name: string }[]).map(({ name }) => name).sort();
  };
  return {
    streams: streams
      .filter(({ config }) => config.name.includes('$') && !config.name.startsWith('$'))
      .map(({ config, state }) => [config.name, state.messages, state.consumer_count]),
    stations: await names('/stations/getAllStations'),
    schemas: await names('/schemas/getAllSchemas'),
    records: [...(await new SmokeRecords(broker.observer).list()).keys()],
  };
}
