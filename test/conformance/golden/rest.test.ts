import { readFileSync } from 'node:fs';
import path from 'node:path';

import { signToken, verifyToken } from '../../../src/runtime/broker/rest/jwt';
import { GoldenBroker, type Json, type JsonObject, type RestReply, textOf } from './golden-broker';
import { filled, sentText } from './placeholders';

/** What the broker has signed tokens with. */
const mockSecrets = new Set<string>();
jest.mock('../../../src/runtime/broker/rest/jwt', () => {
  const actual = jest.requireActual<typeof import('../../../src/runtime/broker/rest/jwt')>('../../../src/runtime/broker/rest/jwt');
  return {
    ...actual,
    signToken: (claims: Readonly<Record<string, unknown>>, secret: string) => {
      mockSecrets.add(secret);
      return actual.signToken(claims, secret);
    },
  };
});

/** One exchange of rest.json. */
interface RestCase {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query?: JsonObject;
  readonly body?: Json;
  readonly raw_body?: string;
  readonly auth?: string;
  readonly status: number;
  readonly content_type?: string | null;
  readonly response: Json;
  readonly row_after?: Readonly<Record<string, JsonObject>>;
  readonly after?: { readonly stations: readonly string[]; readonly streams: readonly string[] };
  readonly messages_after?: Readonly<Record<string, number>>;
}

const cases = JSON.parse(readFileSync(path.join(__dirname, 'rest.json'), 'utf8')) as RestCase[];

/** Cases this form of the broker does not replay, each with the reason. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [
    /^getTags\.EntityType$/,
    'the real broker answers 500 or 200, by what its connection to the database was used for before; ours lists the tags in use',
  ],
];

/** Lists whose order on a real broker is the order of pages in its database. */
const unordered = /^(getTags\.(all|entity_type|final)|getUsedTags|getStations)$/;

let golden: GoldenBroker;
beforeAll(async () => {
  golden = await GoldenBroker.start();
});
afterAll(() => golden.stop());

describe('rest.json, replayed in file order on one broker', () => {
  for (const recorded of cases) {
    if (!leftOut.some(([pattern]) => pattern.test(recorded.id))) test(recorded.id, () => replay(recorded));
  }

  test.each(leftOut)('%s leaves out at least one recorded case: %s', (pattern) => {
    expect(cases.filter(({ id }) => pattern.test(id))).not.toEqual([]);
  });
});

async function replay(recorded: RestCase): Promise<void> {
  await preparations[recorded.id]?.();
  if (recorded.id === 'login.jwt-claims') { expectClaims(recorded as unknown as { claims: Json; header: Json }); return; }
  if (recorded.id === 'removeStation.state') return expectState(recorded);
  const stationsBefore = new Set((await golden.stations()).keys());
  const streamsBefore = new Set(await golden.streams());
  const reply = await golden.rest(recorded.method, recorded.path, recorded.body, {
    ...(recorded.query === undefined ? {} : { query: recorded.query }),
    ...(recorded.raw_body === undefined ? {} : { raw: recorded.raw_body }),
    headers: await headersFor(recorded),
  });

  expect(reply.status).toBe(recorded.status);
  expect(reply.contentType).toBe(recorded.content_type === undefined ? 'application/json; charset=utf-8' : recorded.content_type);
  expectBody(recorded, reply);
  const rows = await golden.stations();
  for (const [name, expected] of Object.entries(recorded.row_after ?? {})) {
    expect(reconcilable(rows.get(name) ?? {})).toEqual(expected);
  }
  for (const [stream, messages] of Object.entries(recorded.messages_after ?? {})) {
    expect((await golden.jetstream(`STREAM.INFO.${stream}`)).state).toMatchObject({ messages });
  }
  if (recorded.id === 'removeStation.partial') return expectState(recorded);
  if (recorded.after === undefined) return;
  const made = [...rows.keys()].filter((name) => !stationsBefore.has(name));
  const streamsMade = (await golden.streams()).filter((name) => !streamsBefore.has(name));
  expect(new Set(made)).toEqual(new Set(recorded.after.stations));
  expect(new Set(streamsMade)).toEqual(new Set(recorded.after.streams));
  if (!recorded.id.startsWith('createStation.')) return;
  for (const name of made) await golden.rest('DELETE', '/stations/removeStation', { station_names: [name] });
  const left = new Set(await golden.streams());
  for (const name of streamsMade) if (left.has(name)) await golden.deleteStream(name);
}

function expectBody(recorded: RestCase, reply: RestReply): void {
  if (reply.contentType?.startsWith('text/html') === true) {
    expect(reply.text).toMatch(/^<!doctype html><html lang="en"><head><me/);
    return;
  }
  if (reply.text === '') {
    expect(recorded.response).toBe('');
    return;
  }
  const actual = JSON.parse(reply.text) as Json;
  const here = JSON.parse(
    JSON.stringify(recorded.response)
      .replaceAll('localhost:9000', `localhost:${golden.broker.restPort}`)
      .replace('"http_port":9000', `"http_port":${golden.broker.restPort}`)
      .replace('"clients_port":6666', `"clients_port":${golden.broker.port}`),
  ) as Json;
  if (unordered.test(recorded.id)) {
    const key = recorded.id === 'getStations' ? 'stations' : undefined;
    expect(sorted(actual, key)).toEqual(filled(sorted(here, key), sorted(actual, key)));
    return;
  }
  expect(actual).toEqual(filled(here, actual));
  // And once more as text: the order of keys, the indentation and the spelling of characters.
  expect(reply.text).toBe(sentText(filled(here, actual), recorded.status));
}

function sorted(body: Json, key: string | undefined): Json {
  const list = (key === undefined ? body : (body as JsonObject)[key]) as readonly Json[];
  const nameOf = (item: Json): string => {
    const { name, station } = item as { name?: string; station?: { name: string } };
    return name ?? station?.name ?? '';
  };
  return [...list].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
}

/** The fields of a row that `row_after` holds. */
function reconcilable(row: JsonObject): JsonObject {
  const keys = ['dls_configuration_poison', 'dls_configuration_schemaverse', 'dls_station', 'schema_name', 'schema_vesrion_number', 'tags'];
  return Object.fromEntries(Object.entries(row).filter(([key]) => keys.includes(key)));
}

async function expectState(recorded: RestCase): Promise<void> {
  const stations = [...(await golden.stations()).keys()];
  const streams = (await golden.streams()).filter((name) => name !== 'default$1');
  expect(new Set(stations)).toEqual(new Set(recorded.after?.stations));
  expect(new Set(streams)).toEqual(new Set(recorded.after?.streams));
}

function expectClaims({ claims, header }: { claims: Json; header: Json }): void {
  const [head = '', body = ''] = golden.token.split('.');
  const decode = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json;
  expect(decode(head)).toEqual(header);
  expect(decode(body)).toEqual(filled(claims, decode(body)));
}

async function headersFor(recorded: RestCase): Promise<Record<string, string>> {
  const { auth, id } = recorded;
  if (id === 'refresh.ok') return { cookie: `memphis-jwt-refresh-token=${await refreshToken()}` };
  if (auth === undefined) return {};
  if (auth === 'none') return { authorization: '' };
  if (auth === 'management user r-m2' || auth === 'JWT of the removed user') return { authorization: `Bearer ${secondToken}` };
  const claims = JSON.parse(Buffer.from(golden.token.split('.')[1] ?? '', 'base64url').toString('utf8')) as JsonObject;
  if (auth.includes('expired')) {
    return { authorization: `Bearer ${signToken({ ...claims, exp: Math.floor(Date.now() / 1000) - 5 }, tokenSecret())}` };
  }
  // The claims are those of a token that came from the broker: a well-known id is of no use where every store has its own.
  if (auth.includes('self-made')) return { authorization: `Bearer ${signToken(claims, tokenSecret())}` };
  if (auth.includes('another secret') || auth.includes('does not exist')) {
    return { authorization: `Bearer ${signToken({ ...claims, username: 'nobody' }, 'another')}` };
  }
  return { authorization: auth.replace('<jwt> without a scheme word', golden.token).replace('<jwt>', golden.token) };
}

/** A real broker's is well-known; here it is in the metadata of the store, which no client reads. */
function tokenSecret(): string {
  const secret = [...mockSecrets].find((each) => verifyToken(golden.token, each) !== undefined);
  if (secret === undefined) throw new Error('no token was signed');
  return secret;
}

async function refreshToken(): Promise<string> {
  const reply = await golden.rest('POST', '/usermgmt/login', { username: 'root', password: 'memphis' });
  const cookie = reply.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^memphis-jwt-refresh-token=[^;]+; Path=\/; Max-Age=172800000; HttpOnly$/);
  return /=([^;]+)/.exec(cookie)?.[1] ?? '';
}

/** Of management user r-m2. */
let secondToken = '';

const preparations: Readonly<Record<string, () => Promise<unknown>>> = {
  // The recording side added this user without writing it down, and removed all stations but one.
  'removeUser.self': async () => {
    const credentials = { username: 'r-m2', password: 'Abc123!@#x' };
    await golden.rest('POST', '/usermgmt/addUser', { ...credentials, user_type: 'management' });
    const reply = await golden.rest('POST', '/usermgmt/login', credentials);
    secondToken = textOf((JSON.parse(reply.text) as JsonObject).jwt);
    const names = [...(await golden.stations()).keys()].filter((name) => name !== 'default');
    await golden.rest('DELETE', '/stations/removeStation', { station_names: names });
    await golden.rest('POST', '/stations/useSchema', { station_names: ['default'], schema_name: 'demo-schema' });
  },
  getAllStations: async () => {
    await golden.rest('POST', '/stations/createStation', {
      name: 'r.two',
      retention_type: 'ack_based',
      storage_type: 'memory',
      schema_name: 'demo-schema',
      tags: [{ name: 'r-tag', color: '1, 2, 3' }],
      dls_configuration: { poison: true },
      tiered_storage_enabled: true,
      partitions_number: 1,
      dls_station: 'r-st',
    });
    await golden.publish('r-st$1', 2);
    await golden.publish('r-st$2', 1);
  },
  // produce.ok went to the first partition; any may be taken.
  'removeMessages.ok': async () => {
    const isElsewhere = async (stream: string, most: number): Promise<boolean> => {
      const { messages } = (await golden.jetstream(`STREAM.INFO.${stream}`)).state as { messages: number };
      return messages > most;
    };
    for (const [stream, most] of [['r-st$2', 1], ['r-st$3', 0]] as const) {
      if (!(await isElsewhere(stream, most))) continue;
      const { last_seq: seq } = (await golden.jetstream(`STREAM.INFO.${stream}`)).state as { last_seq: number };
      await golden.jetstream(`STREAM.MSG.DELETE.${stream}`, { seq });
      await golden.publish('r-st$1', 1, 'hi');
    }
  },
  'removeStation.partial': async () => {
    await golden.rest('DELETE', '/stations/removeStation', { station_names: ['r-newdls', 'r-updls'] });
    await golden.rest('POST', '/stations/createStation', { name: 'r-c', partitions_number: 1 });
  },
  'getSchemaDetails.used': async () => {
    const station = { name: 'r-st', partitions_number: 1, schema_name: 'r-sch' };
    await golden.rest('POST', '/stations/createStation', station);
  },
  'getStationOverviewData.schema-updates-available': () =>
    golden.rest('PUT', '/schemas/rollBackVersion', { schema_name: 'r-sch', version_number: 1 }),
};
