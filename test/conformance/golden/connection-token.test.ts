import { readFileSync } from 'node:fs';
import path from 'node:path';

import { GoldenBroker, type Json } from './golden-broker';

interface ManagementCase {
  readonly id: string;
  readonly subject: string;
  readonly request: Json;
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly response: string;
  readonly created?: { readonly streams: readonly string[] };
}

/** Recorded cases whose answers have nothing to do with users, and that need nothing before them. */
const selected = /^station\.create\.(json|type|name|partitions|retention|storage|replicas|idempotency)\./;
const cases = (
  JSON.parse(readFileSync(path.join(__dirname, 'sdk-management.json'), 'utf8')) as ManagementCase[]
).filter(({ id, request }) => selected.test(id) && !JSON.stringify(request).includes('schema_name'));

let golden: GoldenBroker;
/** What every broker has. */
let atFirst: { readonly stations: ReadonlyMap<string, unknown>; readonly streams: ReadonlySet<string> };
beforeAll(async () => {
  golden = await GoldenBroker.start({ store: 'memory', connectionToken: 'golden-token' });
  atFirst = { stations: await golden.stations(), streams: new Set(await golden.streams()) };
});
afterAll(() => golden.stop());

test('the selection is not empty', () => {
  expect(cases.length).toBeGreaterThan(60);
});

test.each(cases.map((recorded) => [recorded.id, recorded] as const))(
  'with a connection token as with users: %s',
  async (_id, { subject, request, request_headers: headers, response, created }) => {
    const payload = typeof request === 'string' ? request : JSON.stringify(request);
    expect(await golden.manage(subject, payload, 1, headers)).toEqual([response]);
    const streams = (await golden.streams()).filter((name) => !atFirst.streams.has(name));
    expect(streams).toEqual(created?.streams ?? []);
    for (const name of (await golden.stations()).keys()) {
      if (!atFirst.stations.has(name)) await golden.destroyStation(name);
    }
    for (const name of await golden.streams()) {
      if (!atFirst.streams.has(name)) await golden.deleteStream(name);
    }
  },
);
