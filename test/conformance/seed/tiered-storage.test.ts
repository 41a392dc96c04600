import { row } from './row';
import { trafficForThisFile } from './station-traffic';

const traffic = trafficForThisFile();
const { broker } = traffic;

/** A real broker keeps the flag in a field of its own, the local one in the metadata of the stream. */
async function isTiered(name: string): Promise<boolean> {
  const config = (await broker.stream(name))?.config as {
    tiered_storage_enabled?: boolean;
    metadata?: Record<string, string>;
  };
  return config.tiered_storage_enabled ?? config.metadata?.['memphis.tiered'] === 'true';
}

row('TIER-1', async () => {
  const { name } = await traffic.station();
  expect(await isTiered(name)).toBe(false);
  expect((await traffic.row(name)).body).toMatchObject({ tiered_storage_enabled: false });
});

row('TIER-2', async () => {
  const requests = await broker.tap('$memphis_station_creations');
  const { name } = await traffic.station({ tieredStorageEnabled: true });
  const mine = (await requests.all()).filter((text) => text.includes(name));
  const asked = mine.map((text) => JSON.parse(text) as unknown);
  expect(asked).toMatchObject([{ name, tiered_storage_enabled: true }]);
  // REST says false on a broker without a second tier; the stream tells the truth.
  expect(await isTiered(name)).toBe(true);
});
