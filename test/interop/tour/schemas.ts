import { within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import { schemaCases } from '../sdk/schema-cases';
import type { SchemaCase } from '../sdk/schema-cases';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import type { Tour } from './tour';
import { bytes, textsOf } from './tour';

const JSON_SCHEMA = '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}';

const caseOf = (type: string): SchemaCase => {
  const found = schemaCases.find((each) => each.type === type);
  if (found === undefined) throw new Error(`no case for ${type}`);
  return found;
};

interface SchemaDetails {
  readonly type: string;
  readonly versions: readonly {
    readonly version_number: number;
    readonly active: boolean;
    readonly descriptor?: string;
  }[];
}

async function details(tour: Tour, schemaName: string): Promise<SchemaDetails> {
  return (await tour.broker.rest('GET', `/schemas/getSchemaDetails?schema_name=${schemaName}`))
    .body as SchemaDetails;
}

const refused = (produced: Promise<unknown>): Promise<void> =>
  expect(produced).rejects.toThrow(/[Ss]chema validation has failed/);

/** A value as an argument: GraphQL is text. */
const asMessage = (value: unknown) => (typeof value === 'string' ? { $value: value } : value);

/** What each type takes: a value and bytes that fit are stored, those that do not are refused and recorded. */
async function validates(
  tour: Tour,
  { type, content, valid, invalid, invalidBytes }: SchemaCase,
): Promise<void> {
  const name = await tour.stationWithSchema(type, content);
  const producer = await tour.producer(name);
  await tour.produce(producer, asMessage(valid));
  await refused(tour.produce(producer, asMessage(invalid)));
  await refused(tour.produce(producer, bytes(invalidBytes)));
  expect(await tour.stored(name)).toBe(1);
  const stored = await tour.broker.storedMessage(name, 1, 1);
  await tour.produce(producer, bytes(stored.data));
  const consumer = await tour.consumer(name);
  for (const message of await tour.fetch(consumer, 2)) {
    expect(await tour.message(message, 'getDataDeserialized')).toEqual(valid);
  }
  await within15Seconds(async () => (await tour.deadLetters(name)).schema === 2, 'both are recorded');
}

export const schemas: readonly Step[] = [
  step('SCS-1', 'without a schema anything is taken', async (tour) => {
    const name = await tour.station();
    expect((await tour.overview(name)).schema.name ?? '').toBe('');
    await tour.produce(await tour.producer(name), bytes(new Uint8Array([0, 255])));
    expect(await tour.stored(name)).toBe(1);
  }),
  step('SCS-2', 'a schema from the beginning', async (tour) => {
    const name = await tour.stationWithSchema('json', JSON_SCHEMA);
    const producer = await tour.producer(name);
    await tour.produce(producer, { a: 1 });
    await refused(tour.produce(producer, { a: 'x' }));
  }),
  step('SCS-3', 'a schema that is not there: no error, but no station either', async (tour) => {
    const name = await tour.station({ schemaName: tour.unique('none') });
    expect((await tour.row(name)).status).not.toBe(200);
  }),

  step('SCH-1', 'a schema is made from a file', async (tour) => {
    const { type, versions } = await details(tour, await tour.schema('json', JSON_SCHEMA));
    expect([type, versions.map((each) => [each.version_number, each.active])]).toEqual(['json', [[1, true]]]);
  }),
  step(
    'SCH-2',
    'other content is a new version, which is not active; the same content is none',
    async (tour) => {
      const name = await tour.schema('json', JSON_SCHEMA);
      await tour.schema('json', '{"type":"object"}', name);
      const active = async () =>
        (await details(tour, name)).versions
          .map((each) => [each.version_number, each.active])
          .sort(([one], [other]) => Number(one) - Number(other));
      expect(await active()).toEqual([
        [1, true],
        [2, false],
      ]);
      await tour.schema('json', '{"type":"object"}', name);
      expect(await active()).toHaveLength(2);
      await expect(tour.schema('graphql', 'type Query { a: Int }', name)).rejects.toThrow(/type/);
    },
  ),
  ...(
    [
      ['SCH-3, PRD-9', 'protobuf'],
      ['SCH-4, PRD-10', 'json'],
      ['SCH-5, PRD-11', 'graphql'],
      ['SCH-6, PRD-12', 'avro'],
    ] as const
  ).map(([rows, type]) =>
    step(rows, `${type}: what fits is stored and read, what does not is refused and recorded`, (tour) =>
      validates(tour, caseOf(type)),
    ),
  ),
  step('PRD-9', 'protobuf bytes that are no UTF-8: the Python client refuses them', async (tour) => {
    const name = await tour.stationWithSchema('protobuf', caseOf('protobuf').content);
    const producing = tour.produce(await tour.producer(name), bytes(new Uint8Array([0x08, 0xc8, 0x01])));
    if (tour.isPython) await expect(producing).rejects.toThrow("can't decode byte");
    else await producing;
    expect(await tour.stored(name)).toBe(tour.isPython ? 0 : 1);
  }),
  step('SCH-7', 'an unknown type, a bad name and bad content are refused', async (tour) => {
    await expect(tour.schema('xml', '<a/>')).rejects.toThrow();
    await expect(tour.schema('json', JSON_SCHEMA, 'Bad Name')).rejects.toThrow('Only alphanumeric');
    await expect(tour.schema('json', '{"type":')).rejects.toThrow(/[Jj]son|JSON/);
  }),
  jsStep('SCH-8, SCH-11', 'enforced and taken away under a live producer', async (tour) => {
    const name = await tour.station();
    const producer = await tour.producer(name);
    await tour.produce(producer, { a: 'x' });
    await tour.sdk.call('memphis', 'enforceSchema', [
      { name: await tour.schema('json', JSON_SCHEMA), stationName: name },
    ]);
    const isRefused = () =>
      tour.produce(producer, { a: 'x' }).then(
        () => false,
        () => true,
      );
    await eventually(isRefused, 'the producer hears of it');
    await tour.produce(producer, { a: 1 });
    await tour.sdk.call('memphis', 'detachSchema', [{ stationName: name }]);
    await eventually(async () => !(await isRefused()), 'the producer hears of this, too');
  }),
  pythonStep('SCH-8, SCH-11', 'enforced for new producers, and taken away under a live one', async (tour) => {
    const name = await tour.station();
    const live = await tour.producer(name);
    await tour.produce(live, { a: 'x' });
    await tour.sdk.call('memphis', 'enforceSchema', [
      { name: await tour.schema('json', JSON_SCHEMA), stationName: name },
    ]);
    const isRefused = () =>
      tour.produce(live, { a: 1 }).then(
        () => false,
        () => true,
      );
    // A live producer hears of a schema but does not read it: this client then refuses even what fits.
    await eventually(isRefused, 'the live producer hears of it');
    const later = await tour.producer(name, { producerName: 'later' });
    await tour.produce(later, { a: 1 });
    await refused(tour.produce(later, { a: 'x' }));
    await tour.sdk.call('memphis', 'detachSchema', [{ stationName: name }]);
    await eventually(async () => !(await isRefused()), 'it hears of this, too');
    await tour.produce(live, { a: 'x' });
  }),
  step(
    'SCH-9',
    'an unknown schema and an unknown station are refused in the words of the broker',
    async (tour) => {
      const stationName = await tour.station();
      const name = await tour.schema('json', JSON_SCHEMA);
      const enforce = (options: object) => tour.sdk.call('memphis', 'enforceSchema', [options]);
      const none = tour.unique('none');
      await expect(enforce({ name: none, stationName })).rejects.toThrow(`${none} does not exist`);
      await expect(enforce({ name, stationName: none })).rejects.toThrow(`${none} does not exist`);
    },
  ),
  step('SCH-10', 'the older name for enforcing', async (tour) => {
    const stationName = await tour.station();
    const name = await tour.schema('json', JSON_SCHEMA);
    await tour.sdk.call('memphis', 'attachSchema', [{ name, stationName }]);
    expect((await tour.overview(stationName)).schema.name).toBe(name);
  }),

  jsStep('PRD-5', 'an object of a protobuf class', async (tour) => {
    const { content, valid } = caseOf('protobuf');
    const name = await tour.stationWithSchema('protobuf', content);
    await tour.produce(await tour.producer(name), {
      $protobuf: { schema: content, type: 'T', value: valid },
    });
    expect((await tour.broker.storedMessage(name, 1, 1)).data).toEqual(Buffer.from('0807120178', 'hex'));
  }),
  pythonStep('PRD-5', 'an object of a protobuf class', async (tour) => {
    const { content, valid } = caseOf('protobuf');
    const schemaName = await tour.schema('protobuf', content);
    const name = await tour.station({ schemaName });
    const descriptor = (await details(tour, schemaName)).versions[0]?.descriptor;
    const message = { $protobuf: { descriptor, type: 'T', value: valid } };
    await tour.produce(await tour.producer(name), message);
    expect((await tour.broker.storedMessage(name, 1, 1)).data).toEqual(Buffer.from('0807120178', 'hex'));
  }),
  step('PRD-8', 'a GraphQL document is sent as its text', async (tour) => {
    const name = await tour.stationWithSchema('graphql', caseOf('graphql').content);
    await tour.produce(await tour.producer(name), { $graphql: '{ a }' });
    expect((await tour.broker.storedMessage(name, 1, 1)).data.toString()).toBe('{ a }');
  }),
  step(
    'PRD-19',
    'what breaks its schema is told to the broker, with headers, and to people',
    async (tour) => {
      const name = await tour.stationWithSchema('json', JSON_SCHEMA);
      const tap = await tour.broker.tap('$memphis_schemaverse_dls');
      const producer = await tour.producer(name);
      await refused(tour.produce(producer, { a: 'x' }));
      const records = () =>
        tap.texts
          .map((text) => JSON.parse(text) as Record<string, unknown>)
          .filter((record) => record.station_name === name);
      await eventually(() => records().length === 1, 'the record comes');
      tap.end();
      expect(records()[0]).toMatchObject({
        producer: { name: 'p' },
        message: { headers: { $memphis_producedBy: 'p' } },
      });
    },
  ),

  step('MSG-2', 'read by the schema; without one, bytes', async (tour) => {
    const name = await tour.station();
    await tour.fill(name, 1);
    const [message] = await tour.fetch(await tour.consumer(name), 1);
    expect(await tour.message(message, 'getDataDeserialized')).toEqual(bytes('1'));
  }),
  step(
    'MSG-3',
    'a message older than the schema: the JavaScript client fails, the Python one gives nothing; both have the bytes',
    async (tour) => {
      const name = await tour.station();
      await tour.fill(name, 1);
      const schema = await tour.schema('protobuf', 'syntax = "proto3"; message T { string a = 1; }');
      await tour.sdk.call('memphis', 'enforceSchema', [{ name: schema, stationName: name }]);
      const [message] = await tour.fetch(await tour.consumer(name), 1);
      const read = () =>
        tour.message(message, 'getDataDeserialized').catch((error: unknown) => String(error));
      if (tour.isPython) expect(await read()).toBeNull();
      // Until it has compiled the schema, the JavaScript client reads what looks like JSON as JSON.
      else
        await eventually(
          async () => String(await read()).includes('Deserialization has been failed'),
          'it fails',
        );
      expect(textsOf(message === undefined ? [] : [message])).toEqual(['1']);
    },
  ),
];
