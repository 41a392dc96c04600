import type { Type } from '../../../../src/runtime/provider/cty/type';
import type { Value, Values } from '../../../../src/runtime/provider/cty/value';
import { UNKNOWN } from '../../../../src/runtime/provider/cty/value';
import type { Attribute } from '../../../../src/runtime/provider/framework/attribute';
import type { Session } from '../../../../src/runtime/provider/resources/session';
import { memphisProvider } from '../../../../src/runtime/provider/resources/provider';
import { TestBroker } from '../../../support/broker';
import { Host } from '../framework/host';

const broker = TestBroker.forThisFile();
const environment = { ...process.env };
const sessions: Session[] = [];

/** The attributes that a configuration may set, by type of resource, with values that are valid without any other. */
const bases: Readonly<Record<string, (name: string) => Values>> = {
  memphis_station: (name) => ({ name }),
  memphis_schema: (name) => ({ name, type: 'json', content: '{"type":"object"}' }),
  memphis_schema_enforcement: (name) => ({ station_name: `enforced-${name}`, schema_name: 'enforced' }),
  memphis_user: (name) => ({
    name,
    type: 'application',
    password_env: 'UNKNOWN_VALUES_PASSWORD',
    password_version: 1,
  }),
  memphis_cluster_config: () => ({
    dls_retention_hours: 5,
    logs_retention_days: 5,
    gc_producer_consumer_retention_hours: 5,
  }),
  memphis_station_set: (name) => ({ stations: { [`${name}-a`]: '', [`${name}-b`]: '' } }),
};

beforeAll(async () => {
  Object.assign(process.env, broker.environment, { UNKNOWN_VALUES_PASSWORD: 'Secret#1aA' });
  const client = await broker.client();
  for (const name of ['enforced-new', 'enforced-old']) await client.station({ name });
  await client.createSchema({ schemaName: 'enforced', schemaType: 'json', schemaContent: '{}' });
});
afterAll(async () => {
  for (const { admin } of sessions) await admin.close();
  process.env = environment;
});

/** Every way in which a value of a type can be known in part, or not at all. */
function partlyKnown(type: Type, key: string): Value[] {
  switch (type.kind) {
    case 'set':
    case 'list':
      return [UNKNOWN, [UNKNOWN], ['a', UNKNOWN], [UNKNOWN, 'a', UNKNOWN]];
    case 'map':
      return [UNKNOWN, ...partlyKnown(type.element, key).map((value) => ({ [key]: value }))];
    case 'object': {
      const { attributes } = type;
      const none = Object.fromEntries(Object.keys(attributes).map((name) => [name, null]));
      const each = Object.entries(attributes).flatMap(([name, inner]) =>
        partlyKnown(inner, key).map((value) => ({ ...none, [name]: value })),
      );
      return [UNKNOWN, ...each];
    }
    default:
      return [UNKNOWN];
  }
}

function complete(attributes: readonly Attribute[], values: Values): Values {
  return { ...Object.fromEntries(attributes.map(({ name }) => [name, null])), ...values };
}

/** Terraform configures a provider for each phase of a command. */
async function configuredHost(config: Values = {}): Promise<Host<Session>> {
  const host = new Host({
    ...memphisProvider,
    configure: async (...given: Parameters<typeof memphisProvider.configure>) => {
      const session = await memphisProvider.configure(...given);
      sessions.push(session);
      return session;
    },
  });
  expect(await host.configure(complete(memphisProvider.attributes, config))).toEqual([]);
  return host;
}

const errorsIn = (found: readonly { readonly severity: number; readonly summary: string }[]): string[] =>
  found.filter(({ severity }) => severity === 1).map(({ summary }) => summary);

describe('a value that is known in part only is planned as it is', () => {
  test.each(memphisProvider.resources.map((resource) => [resource.typeName, resource] as const))(
    '%s',
    async (typeName, { attributes }) => {
      const base = bases[typeName];
      if (base === undefined) throw new Error(`There are no values for ${typeName}.`);
      const first = await configuredHost();
      const stored = complete(attributes, base('old'));
      const made = await first.plan(typeName, stored);
      const applied = await first.apply(typeName, {
        planned: made.planned,
        config: stored,
        private: made.private as object,
      });
      expect(applied.findings).toEqual([]);
      const settable = attributes.filter(({ required, optional }) => required === true || optional === true);
      for (const { name, type, writeOnly, requiresReplace } of settable) {
        for (const value of partlyKnown(type, 'old-a')) {
          const expected = writeOnly === undefined ? value : null;
          const about = JSON.stringify([name, value]);
          const config = { ...stored, [name]: value };
          const changing = await configuredHost();
          const change = await changing.plan(typeName, config, applied.state, applied.private as object);
          expect([about, errorsIn(change.findings)]).toEqual([about, []]);
          expect(change.planned?.[name]).toEqual(expected);
          if (requiresReplace === true) expect([about, change.requiresReplace]).toEqual([about, [name]]);
        }
        for (const value of partlyKnown(type, 'new-a')) {
          const about = JSON.stringify([name, value]);
          const config = { ...complete(attributes, base('new')), [name]: value };
          const creating = await configuredHost();
          const { diagnostics } = await creating.call('ValidateResourceConfig', {
            typeName,
            config: creating.codecOf(typeName).encode(config),
            clientCapabilities: { writeOnlyAttributesAllowed: true },
          });
          const creation = await creating.plan(typeName, config);
          expect([about, errorsIn(diagnostics), errorsIn(creation.findings)]).toEqual([about, [], []]);
          expect(creation.planned?.[name]).toEqual(writeOnly === undefined ? value : null);
        }
      }
    },
  );

  test('the configuration of the provider', async () => {
    const station = memphisProvider.resources[0]?.attributes ?? [];
    for (const { name, type } of memphisProvider.attributes) {
      for (const value of partlyKnown(type, 'a')) {
        const host = await configuredHost({ [name]: value });
        const { findings } = await host.plan('memphis_station', complete(station, { name: 'late' }));
        expect([name, findings]).toEqual([name, []]);
      }
    }
  });
});
