import { internalName } from '../../../model/names';
import type { BrokerContext } from '../objects/context';
import { countAllMessages } from '../objects/message-counts';
import type { StationRow } from '../store/rows';
import { ok } from './reply';
import type { Route } from './route';
import { reads } from './route';
import { lightStation, listedStation } from './station-views';

export const stationRoutes: readonly Route[] = [
  reads('/stations/getAllStations', async ({ context }) =>
    ok(await newestFirst(context, (station, messages) => lightStation(context, station, messages))),
  ),
  reads('/stations/getStations', async ({ context }) =>
    ok({
      stations: await newestFirst(context, (station, messages) => listedStation(context, station, messages)),
    }),
  ),
];

async function newestFirst(
  context: BrokerContext,
  view: (station: StationRow, totalMessages: number) => object,
): Promise<object[]> {
  const counts = await countAllMessages(context);
  return context.metadata.stations
    .all()
    .reverse()
    .map((station) => view(station, counts.get(internalName(station.name)) ?? 0));
}
