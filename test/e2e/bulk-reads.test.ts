import { eventually } from '../support/broker';
import { Deployment } from '../support/deployment';
import type { Stack } from '../support/stack';

const deployment = Deployment.forThisFile();

/** What one plan asks the broker for; what the local broker asks its own server for to answer that is left out. */
async function requestsOf(stack: Stack): Promise<{ rest: string[]; streams: string[] }> {
  const nats = await deployment.nats();
  const streams: string[] = [];
  const inboxOf = (reply: string | undefined): string => reply?.split('.').slice(0, 2).join('.') ?? '';
  const brokersOwn = new Set<string>();
  const own = nats.subscribe('$JS.API.>', {
    callback: (_, { reply }) => void brokersOwn.add(inboxOf(reply)),
  });
  await nats.flush();
  await deployment.admin.listStations();
  await eventually(() => brokersOwn.size > 0, 'the requests of the broker itself are known');
  own.unsubscribe();
  const asked = nats.subscribe('$JS.API.>', {
    callback: (_, { subject, reply }) => {
      // What comes after the name of a stream can be a name that a client makes up.
      if (!brokersOwn.has(inboxOf(reply))) streams.push(subject.split('.').slice(0, 5).join('.'));
    },
  });
  await nats.flush();
  deployment.proxy.requests.length = 0;
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  await nats.flush();
  asked.unsubscribe();
  await nats.close();
  return { rest: [...deployment.proxy.requests].sort(), streams: streams.sort() };
}

test('a plan asks the broker as often for 300 streams as for one, but for the pages of the list of streams', async () => {
  const stack = deployment.stack();
  const declare = (count: number): void => {
    const numbers = Array.from({ length: count }, (_, index) => index);
    const named = (prefix: string, more: object) =>
      Object.fromEntries(
        numbers.map((number) => [`${prefix}${number}`, { name: `bulk-${number}`, ...more }]),
      );
    stack.declare({
      stations: named('s', { partitions_number: count === 1 ? 1 : 10 }),
      schemas: named('c', { type: 'json', content: '{"type":"object"}' }),
      enforcements: Object.fromEntries(
        numbers.map((number) => [
          `e${number}`,
          {
            station_name: `\${memphis_station.s${number}.name}`,
            station_uid: `\${memphis_station.s${number}.uid}`,
            schema_name: `\${memphis_schema.c${number}.name}`,
            schema_uid: `\${memphis_schema.c${number}.uid}`,
          },
        ]),
      ),
    });
  };
  declare(1);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const one = await requestsOf(stack);
  declare(30);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect((await deployment.admin.listStreams()).length).toBeGreaterThan(300);
  const many = await requestsOf(stack);

  expect(one.rest).toEqual([
    'GET /api/schemas/getAllSchemas',
    'GET /api/stations/getAllStations',
    'GET /api/stations/getMessageDetails',
    'POST /api/usermgmt/login',
  ]);
  expect(many.rest).toEqual(one.rest);
  const lists = (streams: readonly string[]) =>
    streams.filter((subject) => subject === '$JS.API.STREAM.LIST');
  expect(lists(one.streams)).toHaveLength(1);
  expect(lists(many.streams)).toHaveLength(2);
  expect(many.streams.filter((subject) => subject !== '$JS.API.STREAM.LIST')).toEqual(
    one.streams.filter((subject) => subject !== '$JS.API.STREAM.LIST'),
  );
});
