import fc from 'fast-check';

import { LocalBroker } from '../../../../src/runtime/broker';
import { BrokerClient } from '../broker-client';
import { many } from '../../../support/random';

/** What a field of a request is on the broker. */
type Kind = 'string' | 'int' | 'int64' | 'uint64' | 'bool';

/** One type of request, as the reference describes it. */
interface RequestForm {
  readonly subject: string;
  /** A request that succeeds; `name` makes what it is about new. */
  readonly valid: (name: string) => Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, Kind>>;
  /** The name of the struct in decoder errors. */
  readonly struct: string;
  /** The whole reply to a request that cannot be decoded. */
  readonly refusal: (error: string) => string;
  /** Fields that older clients did not have, with the reply to a wrong type in one of them; undefined: that of success. */
  readonly newer?: Readonly<Record<string, string | undefined>>;
}

const inJson = (error: string): string => JSON.stringify({ error });
const nothing =
  '{"schema_name":"","active_version":{"version_number":0,"descriptor":"","schema_content":"","message_struct_name":""},"type":""}';
const client = {
  station_name: 'forms',
  connection_id: 'c',
  username: 'root',
  req_version: 4,
  app_id: 'a',
  sdk_lang: 'x',
};
const clientFields = {
  name: 'string',
  station_name: 'string',
  connection_id: 'string',
  username: 'string',
} as const;
const names = { station_name: 'string', username: 'string' } as const;

const forms: readonly RequestForm[] = [
  {
    subject: 'station_creations',
    valid: (name) => ({
      name,
      username: 'root',
      partitions_number: 1,
      retention_value: 600,
      retention_type: 'message_age_sec',
      storage_type: 'memory',
      replicas: 1,
      idempotency_window_in_ms: 2000,
      tiered_storage_enabled: false,
      schema_name: '',
      dls_station: '',
    }),
    fields: {
      name: 'string',
      username: 'string',
      partitions_number: 'int',
      retention_value: 'int',
      retention_type: 'string',
      storage_type: 'string',
      replicas: 'int',
      idempotency_window_in_ms: 'int64',
      tiered_storage_enabled: 'bool',
      schema_name: 'string',
      dls_station: 'string',
    },
    struct: 'createStationRequest',
    refusal: (error) => error,
  },
  {
    subject: 'station_destructions',
    valid: () => ({ station_name: 'never-made', username: 'root' }),
    fields: names,
    struct: 'destroyStationRequest',
    refusal: (error) => error,
  },
  {
    subject: 'producer_creations',
    valid: (name) => ({ ...client, name, producer_type: 'application' }),
    fields: {
      ...clientFields,
      producer_type: 'string',
      req_version: 'int',
      app_id: 'string',
      sdk_lang: 'string',
    },
    struct: 'createProducerRequestV0',
    refusal: (error) =>
      `{"schema_update":${nothing},"partitions_update":{"partitions_list":null},"schemaverse_to_dls":false,"send_notification":false,"station_version":0,"station_partitions_first_functions":null,"error":${JSON.stringify(error)}}`,
    newer: {
      req_version: 'to produce to this station please upgrade your SDK version',
      app_id: undefined,
      sdk_lang: undefined,
    },
  },
  {
    subject: 'producer_destructions',
    valid: (name) => ({ name, station_name: 'forms', connection_id: 'c', username: 'root', req_version: 1 }),
    fields: { ...clientFields, req_version: 'int' },
    struct: 'destroyProducerRequestV0',
    refusal: (error) => error,
    newer: { connection_id: undefined, req_version: undefined },
  },
  {
    subject: 'consumer_creations',
    valid: (name) => ({
      ...client,
      name,
      consumer_type: 'application',
      consumers_group: name,
      max_ack_time_ms: 1000,
      max_msg_deliveries: 2,
      start_consume_from_sequence: 1,
      last_messages: -1,
    }),
    fields: {
      ...clientFields,
      consumer_type: 'string',
      consumers_group: 'string',
      max_ack_time_ms: 'int',
      max_msg_deliveries: 'int',
      start_consume_from_sequence: 'uint64',
      last_messages: 'int64',
      app_id: 'string',
      sdk_lang: 'string',
    },
    struct: 'createConsumerRequestV0',
    refusal: inJson,
    newer: { start_consume_from_sequence: '', last_messages: '', app_id: undefined, sdk_lang: undefined },
  },
  {
    subject: 'consumer_destructions',
    valid: () => ({
      name: 'never-there',
      station_name: 'forms',
      connection_id: 'c',
      username: 'root',
      req_version: 1,
    }),
    fields: { ...clientFields, req_version: 'int' },
    struct: 'destroyConsumerRequestV0',
    refusal: (error) => error,
    newer: { connection_id: undefined, req_version: undefined },
  },
  {
    subject: 'schema_creations',
    valid: (name) => ({
      name,
      type: 'json',
      created_by_username: 'root',
      schema_content: '{"type":"object"}',
      message_struct_name: '',
    }),
    fields: {
      name: 'string',
      type: 'string',
      created_by_username: 'string',
      schema_content: 'string',
      message_struct_name: 'string',
    },
    struct: 'CreateSchemaReq',
    refusal: inJson,
  },
  {
    subject: 'schema_attachments',
    valid: () => ({ name: 'demo-schema', ...{ station_name: 'forms', username: 'root' } }),
    fields: { name: 'string', ...names },
    struct: 'attachSchemaRequest',
    refusal: (error) => `failed attaching schema : ${error}`,
  },
  {
    subject: 'schema_detachments',
    valid: () => ({ station_name: 'forms', username: 'root' }),
    fields: names,
    struct: 'detachSchemaRequest',
    refusal: (error) => error,
  },
];

let broker: LocalBroker;
let connected: BrokerClient;
let counter = 0;
beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  connected = await BrokerClient.connect(broker);
  await connected.manage('station_creations', { name: 'forms', partitions_number: 1 });
});
afterAll(async () => {
  await connected.close();
  await broker.stop();
});

async function send(form: RequestForm, payload: string): Promise<string> {
  // Every request finds the same: nothing attached, and no schema without a name.
  await connected.manage('schema_detachments', { station_name: 'forms' });
  if (form.subject === 'schema_creations')
    await connected.rest('DELETE', '/schemas/removeSchema', { schema_names: [''] });
  return (await connected.nats.request(`$memphis_${form.subject}`, payload, { timeout: 5_000 })).string();
}

/** A fresh name of a length that never changes. */
function freshName(): string {
  counter += 1;
  return `n${String(counter).padStart(5, '0')}`;
}

/** The members of an object in any order, in any letter case, with others between them. */
const disguise = fc.record({
  upper: fc.infiniteStream(fc.boolean()),
  order: fc.infiniteStream(fc.nat()),
  unknown: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}_unknown$/), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 3,
  }),
});

interface Disguise {
  readonly upper: Iterator<boolean>;
  readonly order: Iterator<number>;
  readonly unknown: Readonly<Record<string, unknown>>;
}

function disguised(request: Readonly<Record<string, unknown>>, { upper, order, unknown }: Disguise): string {
  const members = Object.entries({ ...request, ...unknown }).map(([key, value]) => {
    const name = Array.from(key)
      .map((letter) => (upper.next().value === true ? letter.toUpperCase() : letter))
      .join('');
    return { at: Number(order.next().value), text: `${JSON.stringify(name)}:${JSON.stringify(value)}` };
  });
  return `{${members
    .sort((left, right) => left.at - right.at)
    .map(({ text }) => text)
    .join(', ')}}`;
}

const wrongValues: Readonly<Record<Kind, readonly unknown[]>> = {
  string: [5, true, {}, []],
  int: ['5', true, {}, [], 1.5],
  int64: ['5', false, {}, [1]],
  uint64: ['5', true, {}, [], -1],
  bool: ['true', 1, {}, []],
};

/** How Go calls a JSON value in its errors. */
function goWord(value: unknown, kind: Kind): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return typeof value === 'boolean' ? 'bool' : typeof value;
  return kind === 'string' || kind === 'bool' ? 'number' : `number ${value}`;
}

describe.each(forms.map((form) => [form.subject, form] as const))('%s', (_subject, form) => {
  test('letter case, order and unknown keys change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(disguise, async (how) => {
        const [plain, other] = [freshName(), freshName()];
        const expected = await send(form, JSON.stringify(form.valid(plain)));
        const reply = await send(form, disguised(form.valid(other), how));
        expect(reply.replaceAll(other, plain)).toBe(expected);
      }),
      { numRuns: many(12) },
    );
  });

  test('a value of a wrong type is refused in the words of the rule, wherever it stands', async () => {
    const wrong = fc.constantFrom(
      ...Object.entries(form.fields).flatMap(([field, kind]) =>
        wrongValues[kind].map((value) => ({ field, kind, value })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(wrong, disguise, async ({ field, kind, value }, how) => {
        const name = freshName();
        const error = `json: cannot unmarshal ${goWord(value, kind)} into Go struct field ${form.struct}.${field} of type ${kind}`;
        const plain = JSON.stringify(form.valid(freshName()));
        const isNewer = form.newer !== undefined && field in form.newer;
        const expected = isNewer ? (form.newer[field] ?? (await send(form, plain))) : form.refusal(error);
        expect(await send(form, disguised({ ...form.valid(name), [field]: value }, how))).toBe(expected);
      }),
      { numRuns: many(25) },
    );
  });

  test('null is the zero value, and the last of two keys wins', async () => {
    for (const field of Object.keys(form.fields)) {
      const [nulled, absent] = [freshName(), freshName()];
      const { [field]: _left, ...rest } = form.valid(absent);
      const expected = await send(form, JSON.stringify(rest));
      const withNull = await send(form, JSON.stringify({ ...form.valid(nulled), [field]: null }));
      expect(withNull.replaceAll(nulled, absent)).toBe(expected);
      const [twice, once] = [freshName(), freshName()];
      const text = JSON.stringify(form.valid(twice));
      const value = JSON.stringify(form.valid(twice)[field]);
      const other = await send(form, JSON.stringify(form.valid(once)));
      const first = typeof form.valid(twice)[field] === 'string' ? '"other"' : '7';
      const doubled = `{${JSON.stringify(field.toUpperCase())}:${typeof form.valid(twice)[field] === 'boolean' ? 'true' : first},${text.slice(1, -1)},"${field}":${value}}`;
      expect((await send(form, doubled)).replaceAll(twice, once)).toBe(other);
    }
  });

  test('what is no object is refused, except null', async () => {
    for (const [text, word] of [
      ['[]', 'array'],
      ['"x"', 'string'],
      ['5', 'number'],
      ['true', 'bool'],
    ] as const) {
      const error = `json: cannot unmarshal ${word} into Go value of type server.${form.struct}`;
      expect(await send(form, text)).toBe(form.refusal(error));
    }
    expect(await send(form, 'null')).toBe(await send(form, '{}'));
    expect(await send(form, '{')).toBe(form.refusal('unexpected end of JSON input'));
  });
});
