import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes, Declared, Stack } from '../support/stack';

const deployment = Deployment.forThisFile();

const json = JSON.stringify({ type: 'object', required: ['id'], properties: { id: { type: 'string' } } });
const avro = JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }] });

/** Two stations that enforce one schema; a stack of constructs names owners, plain HCL need not. */
function declared(prefix: string, isOwned: boolean, schema: Attributes, group = ''): Part {
  const owned = (id: string): Attributes => (isOwned ? { owner: `shop/${prefix}/${id}` } : {});
  const of = ['a', 'b'];
  return {
    stations: Object.fromEntries(
      of.map((id) => [`${id}${group}`, { name: `${prefix}-${id}`, ...owned(id) }]),
    ),
    schemas: {
      [`c${group}`]: { name: `${prefix}-old`, type: 'json', content: json, ...owned('c'), ...schema },
    },
    enforcements: Object.fromEntries(
      of.map((id) => [
        `${id}${group}`,
        {
          station_name: `\${memphis_station.${id}${group}.name}`,
          station_uid: `\${memphis_station.${id}${group}.uid}`,
          schema_name: `\${memphis_schema.c${group}.name}`,
          schema_uid: `\${memphis_schema.c${group}.uid}`,
          ...owned(`${id}/enforcement`),
        },
      ]),
    ),
  };
}
type Part = Required<Pick<Declared, 'stations' | 'schemas' | 'enforcements'>>;

function together(parts: readonly Part[]): Part {
  const all = (kind: keyof Part) => Object.fromEntries(parts.flatMap((part) => Object.entries(part[kind])));
  return { stations: all('stations'), schemas: all('schemas'), enforcements: all('enforcements') };
}

/** The schema of each station of a stack, whenever one of them changes: an empty name is a gap in the protection. */
async function enforced(prefix: string): Promise<string[]> {
  const rows = await deployment.admin.listStations();
  return rows.filter(({ name }) => name.startsWith(prefix)).map(({ schemaName }) => schemaName);
}

async function schemas(): Promise<string[]> {
  return (await deployment.admin.listSchemas()).map(({ name }) => name);
}

/** Applies, and asks all the while what the stations enforce. */
async function applyWatched(stack: Stack, prefix: string, ...args: string[]) {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    void enforced(prefix).then((names) => names.forEach((name) => seen.add(name)));
  }, 20);
  const run = await stack.apply(...args);
  clearInterval(timer);
  return { run, seen };
}

/** A schema that waits for a run to remove it. */
async function retire(name: string): Promise<void> {
  const { admin } = deployment;
  await admin.createSchema({ name, type: 'json', content: json, messageStructName: '' });
  const uid = String((await admin.readSchema(name))?.id);
  await admin.ledger.write('replacement', `schema:${name}`, { owner: 'shop/m/c', state: 'pending', uid });
}

/** Puts a schema into the state of the first resource of a type. */
function stateWithSchema({ directory }: Stack, type: string, schema: string): void {
  const file = join(directory, 'terraform.tfstate');
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly resources: readonly {
      readonly type: string;
      readonly instances: readonly { readonly attributes: Record<string, unknown> }[];
    }[];
  };
  const attributes = state.resources.find((resource) => resource.type === type)?.instances[0]?.attributes;
  if (attributes === undefined) throw new Error(`no ${type} in the state`);
  attributes.schema_name = schema;
  writeFileSync(file, JSON.stringify(state));
}

async function changesOf(stack: Stack) {
  expect(await stack.plan()).toMatchObject({ errors: [] });
  return stack.changes();
}

/** What happens to a schema that stations enforce: a new name, a new type, both, and a replacement by force. */
const changes: readonly { readonly change: Attributes; readonly name: string }[] = [
  { change: { name: '@-new' }, name: '@-new' },
  { change: { type: 'avro', content: avro }, name: '@-old' },
  { change: { name: '@-new', type: 'avro', content: avro }, name: '@-new' },
  { change: {}, name: '@-old' },
];

test.each([
  ['without owners', false],
  ['with owners', true],
])(
  '%s: an enforced schema is renamed, gets another type, both, or is replaced by force in one deploy; the stations are protected all the while',
  async (_, isOwned) => {
    const all = `h${isOwned ? 'o' : 'n'}`;
    const groups = changes.map(({ change, name }, index) => {
      const prefix = `${all}${index}`;
      const named = (text: unknown) => String(text).replace('@', prefix);
      const after = 'name' in change ? { ...change, name: named(change.name) } : change;
      return { prefix, group: String(index), change: after, name: named(name) };
    });
    const parts = (isChanged: boolean): Part =>
      together(
        groups.map(({ prefix, group, change }) => declared(prefix, isOwned, isChanged ? change : {}, group)),
      );
    const args = ['-replace=memphis_schema.c3'];
    const stack = deployment.stack();
    stack.declare(parts(false));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    for (const { prefix } of groups) {
      for (const id of ['a', 'b']) await publish(deployment.broker, `${prefix}-${id}`, 2);
      // An interrupted run has removed it, and not the enforcement.
      await deployment.admin.ledger.remove('enforcement', `${prefix}-a`);
    }

    stack.declare(parts(true));
    expect(await stack.plan(...args)).toMatchObject({ code: 2, errors: [] });
    const { run, seen } = await applyWatched(stack, all, ...args);
    expect(run).toMatchObject({ code: 0, errors: [] });
    expect([...seen]).not.toContain('');
    for (const { prefix, name } of groups) {
      expect(await enforced(prefix)).toEqual([name, name]);
      expect((await schemas()).filter((each) => each.startsWith(prefix))).toEqual([name]);
      expect(await deployment.messages(`${prefix}-a`)).toBe(2);
    }
    expect((await schemas()).filter((each) => each.includes('handover'))).toEqual([]);
    expect(await deployment.admin.ledger.list('replacement')).toEqual(new Map());
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  },
);

describe.each([
  [false, 'without owners'],
  [true, 'with owners'],
])('owners: %s, a schema that goes while its stations, %s,', (isOwned) => {
  it('move to another one goes in the same deploy; the stations are protected all the while', async () => {
    const prefix = `m${isOwned ? 'o' : 'n'}`;
    const stack = deployment.stack();
    const before = declared(prefix, isOwned, {});
    const other = {
      name: `${prefix}-other`,
      type: 'avro',
      content: avro,
      ...(isOwned ? { owner: 'shop/m/d' } : {}),
    };
    stack.declare({ ...before, schemas: { ...before.schemas, d: other } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const moved = {
      ...before,
      schemas: { d: other },
      stationSets: {
        set: {
          stations: [`of-${prefix}`],
          schema_name: '${memphis_schema.d.name}',
          ...(isOwned ? { owner: 'shop/m/set' } : {}),
        },
      },
      enforcements: Object.fromEntries(
        Object.entries(before.enforcements).map(([id, enforcement]) => [
          id,
          { ...enforcement, schema_name: '${memphis_schema.d.name}', schema_uid: '${memphis_schema.d.uid}' },
        ]),
      ),
    };
    stack.declare(moved);
    await deployment.admin.ledger.remove('enforcement', `${prefix}-a`);
    const { run, seen } = await applyWatched(stack, prefix);
    expect(run).toMatchObject({ code: 0, errors: [] });
    expect([...seen]).not.toContain('');
    const expectMoved = async (): Promise<void> => {
      expect(await enforced(prefix)).toEqual([other.name, other.name]);
      expect((await schemas()).filter((each) => each.startsWith(prefix))).toEqual([other.name]);
      expect(await deployment.admin.ledger.list('replacement')).toEqual(new Map());
      expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
    };
    await expectMoved();

    // What a run leaves that is killed after the last station has moved, and before it removes the schema: an enforcement
    // of the state that is on its way, or a set that is.
    for (const [type, address] of [
      ['memphis_schema_enforcement', 'memphis_schema_enforcement.a'],
      ['memphis_station_set', 'memphis_station_set.set'],
    ] as const) {
      await retire(`${prefix}-old`);
      stateWithSchema(stack, type, `${prefix}-old`);
      expect(Object.keys(await changesOf(stack))).toEqual([address]);
      expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
      await expectMoved();
    }

    // A station that leaves its set, of which an interrupted run has removed the records alone.
    for (const kind of ['station', 'enforcement'] as const)
      await deployment.admin.ledger.remove(kind, `of-${prefix}`);
    const { stations } = before;
    const set = { stations: [`next-${prefix}`], ...(isOwned ? { owner: 'shop/m/set' } : {}) };
    stack.declare({ stations, stationSets: { set } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await schemas()).filter((each) => each.startsWith(prefix))).toEqual([]);
    expect(await deployment.admin.ledger.list('replacement')).toEqual(new Map());
  });

  it('stay with it stays, and the run says so', async () => {
    const prefix = `s${isOwned ? 'o' : 'n'}`;
    const stack = deployment.stack();
    const all = declared(prefix, isOwned, {});
    const enforcements = Object.fromEntries(
      Object.entries(all.enforcements).map(([id, { schema_uid: _, ...enforcement }]) => [
        id,
        { ...enforcement, schema_name: `${prefix}-old` },
      ]),
    );
    stack.declare(all);
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    stack.declare({ ...all, schemas: {}, enforcements });
    const run = await stack.apply();
    const said = [...run.errors, ...run.warnings].join();
    expect(said).toContain(`schema "${prefix}-old"`);
    expect(said).toContain(`"${prefix}-a"`);
    expect(await enforced(prefix)).toEqual([`${prefix}-old`, `${prefix}-old`]);
    stack.declare({});
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await schemas()).filter((each) => each.startsWith(prefix))).toEqual([]);
  });
});

describe('a schema that a station of another stack enforces', () => {
  it('cannot be renamed, and the plan names the station', async () => {
    const stack = deployment.stack();
    stack.declare(declared('shared', true, {}));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const theirs = deployment.stack();
    theirs.declare({
      stations: { s: { name: 'theirs', owner: 'other/s' } },
      enforcements: {
        e: {
          station_name: '${memphis_station.s.name}',
          station_uid: '${memphis_station.s.uid}',
          schema_name: 'shared-old',
          owner: 'other/e',
        },
      },
    });
    expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
    stack.declare(declared('shared', true, { name: 'shared-new' }));
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    expect(refused.errors).toEqual([
      expect.stringContaining('is enforced on "theirs", where this stack does not declare it'),
    ]);
    expect(await deployment.admin.ledger.list('replacement')).toEqual(new Map());
  });

  it('stays for it where nobody can tell whose it is, and goes with its last enforcement', async () => {
    const stack = deployment.stack();
    stack.declare(declared('kept', false, {}));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const theirs = deployment.stack();
    const other = {
      stations: { s: { name: 'keeps' } },
      enforcements: {
        e: {
          station_name: '${memphis_station.s.name}',
          station_uid: '${memphis_station.s.uid}',
          schema_name: 'kept-old',
        },
      },
    };
    theirs.declare(other);
    expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
    stack.declare(declared('kept', false, { name: 'kept-new' }));
    const run = await stack.apply();
    expect(run).toMatchObject({ code: 0, errors: [] });
    expect(run.warnings.join()).toContain('"keeps"');
    expect((await schemas()).filter((name) => name.startsWith('kept'))).toEqual(['kept-new', 'kept-old']);
    theirs.declare({ stations: other.stations });
    expect(await theirs.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await schemas()).filter((name) => name.startsWith('kept'))).toEqual(['kept-new']);
  });
});

test('a run that ends between the old schema and the new one leaves the stations protected, and the next one ends it', async () => {
  const stack = deployment.stack();
  stack.declare(declared('cut', true, {}));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  // The broker takes the copy of the old schema, but the name of the new one is taken just then.
  const { admin, proxy } = deployment;
  const path = '/schemas/createNewSchema';
  const theirs = { name: 'cut-old', type: 'json', content: json, messageStructName: '' } as const;
  proxy.before(path, () => Promise.resolve());
  proxy.before(path, () => admin.createSchema(theirs));
  stack.declare(declared('cut', true, { type: 'avro', content: avro }));
  const cut = await stack.apply();
  expect(cut.code).toBe(1);
  expect((await enforced('cut')).every((name) => name.startsWith('handover-'))).toBe(true);
  await admin.removeSchema(theirs.name);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await enforced('cut')).toEqual(['cut-old', 'cut-old']);
  expect((await schemas()).filter((name) => name.startsWith('handover-'))).toEqual([]);
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
});
