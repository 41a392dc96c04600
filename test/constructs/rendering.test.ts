import { TerraformOutput, TerraformVariable, Testing } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import {
  MemphisProvider,
  Retention,
  Schema,
  SchemaEnforcement,
  SmokeTest,
  Station,
  Storage,
} from '../../src';
import { stationFields } from '../../src/model/station';
import { terraformName } from '../../src/model/field';
import { withEnvironment } from './support/environment';
import { expectGolden } from './support/golden';
import { stackWith, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

/** Every property of every construct once. */
function everything(stack: TerraformStack): void {
  const deadLetters = new Station(stack, 'dead-letters', {
    name: 'orders-dead-letters',
    retentionType: Retention.ACK_BASED,
  });
  const orders = new Station(stack, 'orders', {
    name: 'orders',
    retentionType: Retention.MESSAGES,
    retentionValue: 1000,
    storageType: Storage.MEMORY,
    replicas: 3,
    partitionsNumber: 4,
    idempotencyWindowMs: 500,
    sendPoisonMsgToDls: true,
    sendSchemaFailedMsgToDls: false,
    dlsStation: deadLetters,
    tieredStorageEnabled: false,
    tags: ['billing', 'eu'],
    allowMessageLoss: new TerraformVariable(stack, 'loss', { type: 'bool' }).booleanValue,
    deletionProtection: true,
    adoptExisting: false,
    onReplace: 'carryMessages',
    moveFrom: 'purchases',
  });
  orders.enforce(
    new Schema(stack, 'order', {
      name: 'order',
      type: 'json',
      content: '{"type":"object","required":["id"]}',
    }),
  );
  new SchemaEnforcement(stack, 'foreign', {
    station: Station.fromName(stack, 'their-station', 'theirs'),
    schema: Schema.fromName(stack, 'their-schema', 'their-schema'),
  });
  new SmokeTest(stack, 'smoke', {
    station: orders,
    messages: 10,
    sample: { id: 1 },
    invalidSample: {},
    timeoutMs: 20_000,
    rerunOn: 'again',
  });
}

function synthHcl(declare: (stack: TerraformStack) => void): string {
  return Testing.synthHcl(stackWith(declare), true) as string;
}

describe('rendering', () => {
  test('everything, as JSON and as HCL', () => {
    expectGolden('everything.tf.json', Testing.synth(stackWith(everything), true));
    expectGolden('everything.tf', synthHcl(everything));
  });

  test('each field of a station has an attribute, and nothing else is rendered', () => {
    const attributes = synthesised(everything).resource?.memphis_station?.orders ?? {};
    expect(Object.keys(attributes).sort()).toEqual(Object.keys(stationFields).map(terraformName).sort());
  });

  test('what is not given is left to the provider: the owner is rendered, no default is', () => {
    const { resource } = synthesised((stack) => new Station(stack, 's', { name: 's' }));
    expect(resource).toEqual({ memphis_station: { s: { name: 's', owner: 'fixture-project/test/s' } } });
  });

  test('meta arguments reach Terraform', () => {
    const { resource } = synthesised((stack) => {
      const first = new Station(stack, 'first', { name: 'first' });
      new Station(stack, 's', { name: 's', dependsOn: [first], lifecycle: { preventDestroy: true } });
    });
    expect(resource?.memphis_station?.s).toMatchObject({
      depends_on: ['memphis_station.first'],
      lifecycle: { prevent_destroy: true },
    });
  });

  test('an enforcement is on the broker of its station', () => {
    const { resource } = synthesised((stack) => {
      const east = new MemphisProvider(stack, 'east', { alias: 'east' });
      new Station(stack, 's', { name: 's', provider: east, schemaName: 'elsewhere' });
    });
    const [enforcement] = Object.values(resource?.memphis_schema_enforcement ?? {});
    expect(enforcement).toMatchObject({ provider: 'memphis.east', schema_name: 'elsewhere' });
  });

  test('import configuration names type and id', () => {
    const stack = stackWith((it) => {
      Station.generateConfigForImport(it, 's', 'orders');
      Schema.generateConfigForImport(it, 'c', 'order');
      SchemaEnforcement.generateConfigForImport(it, 'e', 'orders');
    });
    const { import: imports } = JSON.parse(Testing.synth(stack)) as { import: unknown };
    expect(imports).toEqual([
      { id: 'orders', to: 'memphis_station.s' },
      { id: 'order', to: 'memphis_schema.c' },
      { id: 'orders', to: 'memphis_schema_enforcement.e' },
    ]);
  });
});

describe('values that only the broker knows', () => {
  test('each getter is a reference to the attribute of its name', () => {
    const stack = stackWith((it) => {
      const s = new Station(it, 's', { name: 's' });
      const c = new Schema(it, 'c', { name: 'c', type: 'json', content: '{}' });
      const e = s.enforce(c);
      const values = {
        station: {
          name: s.name,
          uid: s.uid,
          intact: s.intact,
          retentionType: s.retentionType,
          retentionValue: s.retentionValue,
          storageType: s.storageType,
          replicas: s.replicas,
          partitionsNumber: s.partitionsNumber,
          idempotencyWindowMs: s.idempotencyWindowMs,
          sendPoisonMsgToDls: s.sendPoisonMsgToDls,
          sendSchemaFailedMsgToDls: s.sendSchemaFailedMsgToDls,
          dlsStation: s.dlsStation,
          tieredStorageEnabled: s.tieredStorageEnabled,
          tags: s.tags,
          allowMessageLoss: s.allowMessageLoss,
        },
        schema: {
          name: c.name,
          uid: c.uid,
          type: c.type,
          content: c.content,
          messageStructName: c.messageStructName,
          version: c.version,
        },
        enforcement: { stationName: e.stationName, schemaName: e.schemaName },
      };
      for (const [id, value] of Object.entries(values)) new TerraformOutput(it, id, { value });
    });
    const { output } = JSON.parse(Testing.synth(stack)) as {
      output: Record<string, { value: Record<string, string> }>;
    };
    for (const { value } of Object.values(output)) {
      for (const [name, reference] of Object.entries(value)) {
        const attribute = new RegExp(`^\\$\\{memphis_[a-z_]+\\.[A-Za-z0-9_]+\\.${terraformName(name)}\\}$`);
        expect(reference).toMatch(attribute);
      }
    }
    expect(Object.keys(output)).toHaveLength(3);
  });
});

describe('names that become references', () => {
  const cases: { because: string; declare: (stack: TerraformStack) => void; dlsStation: string }[] = [
    {
      because: 'a plain name that the stack declares, whatever its case and wherever it stands',
      declare: (stack) => {
        new Station(stack, 'orders', { name: 'orders', dlsStation: 'DEAD' });
        new Station(stack, 'dead', { name: 'dead' });
      },
      dlsStation: '${memphis_station.dead.name}',
    },
    {
      because: 'a reference that a program took itself stays one',
      declare: (stack) => {
        const dead = new Station(stack, 'dead', { name: 'dead' });
        new Station(stack, 'orders', { name: 'orders', dlsStation: dead.name });
      },
      dlsStation: '${memphis_station.dead.name}',
    },
    {
      because: 'a name that the stack does not declare stays plain',
      declare: (stack) => new Station(stack, 'orders', { name: 'orders', dlsStation: 'elsewhere' }),
      dlsStation: 'elsewhere',
    },
    {
      because: 'a station that somebody else owns stays plain',
      declare: (stack) =>
        new Station(stack, 'orders', { name: 'orders', dlsStation: Station.fromName(stack, 'x', 'theirs') }),
      dlsStation: 'theirs',
    },
    {
      because: 'a station of that name on another broker is another station',
      declare: (stack) => {
        const east = new MemphisProvider(stack, 'east', { alias: 'east' });
        new Station(stack, 'dead', { name: 'dead', provider: east });
        new Station(stack, 'orders', { name: 'orders', dlsStation: 'dead' });
      },
      dlsStation: 'dead',
    },
  ];
  test.each(cases)('$because', ({ declare, dlsStation }) => {
    expect(synthesised(declare).resource?.memphis_station?.orders?.dls_station).toBe(dlsStation);
  });

  test('schemaName makes one enforcement, with references where the stack declares the schema', () => {
    const { resource } = synthesised((stack) => {
      new Station(stack, 'orders', { name: 'orders', schemaName: 'Order' });
      new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
    });
    expect(Object.values(resource?.memphis_schema_enforcement ?? {})).toEqual([
      {
        owner: 'fixture-project/test/orders/enforcement',
        station_name: '${memphis_station.orders.name}',
        schema_name: '${memphis_schema.order.name}',
        station_uid: '${memphis_station.orders.uid}',
        schema_uid: '${memphis_schema.order.uid}',
      },
    ]);
  });

  test('an enforcement of foreign objects has names and no ids', () => {
    const { resource } = synthesised(
      (stack) => new SchemaEnforcement(stack, 'e', { station: 'theirs', schema: 'their-schema' }),
    );
    expect(resource?.memphis_schema_enforcement?.e).toEqual({
      owner: 'fixture-project/test/e',
      station_name: 'theirs',
      schema_name: 'their-schema',
    });
  });
});

describe('the text of a schema', () => {
  const text = '{"type":"object","description":"${x} %{ if } $${y} \\"quoted\\" \\b \\\\b\\f"}\n';
  const declare = (stack: TerraformStack): void => {
    new Schema(stack, 's', { name: 's', type: 'json', content: text });
  };

  test('is data to Terraform: only its openings of expressions are escaped', () => {
    const content = synthesised(declare).resource?.memphis_schema?.s?.content;
    expect(content).toBe(text.replaceAll('${', () => '$${').replaceAll('%{', '%%{'));
  });

  test('stands on one line of HCL, with every backslash, quote and line end escaped', () => {
    const hcl = synthHcl(declare);
    const line = hcl.split('\n').find((one) => one.startsWith('content = ')) ?? '';
    const quoted = line
      .slice('content = '.length)
      .replaceAll('$${', () => '${')
      .replaceAll('%%{', '%{');
    // What is left is a JSON text, since none of JSON's own escapes is used.
    expect(JSON.parse(quoted)).toBe(text);
    expect(quoted).not.toMatch(/[^\\]\\[bf]/);
  });

  test('a value of the framework in it stays a value', () => {
    const { resource } = synthesised((stack) => {
      const title = new TerraformVariable(stack, 'title', { type: 'string' });
      new Schema(stack, 's', { name: 's', type: 'json', content: `{"title":"${title.stringValue}"}` });
    });
    expect(resource?.memphis_schema?.s?.content).toBe('{"title":"${var.title}"}');
  });
});

describe('the provider', () => {
  test('renders what is given, and nothing of the environment', () => {
    const environment = {
      MEMPHIS_HOST: 'env-host',
      MEMPHIS_USERNAME: 'env-user',
      MEMPHIS_PASSWORD: 'env-secret',
    };
    const text = withEnvironment(environment, () =>
      Testing.synth(
        stackWith((stack) => {
          const password = new TerraformVariable(stack, 'password', { type: 'string', sensitive: true });
          new MemphisProvider(stack, 'other', {
            alias: 'other',
            host: 'broker',
            port: 6667,
            restUrl: 'https://broker:9000',
            accountId: '2',
            username: 'me',
            restUsername: 'admin',
            password: password.stringValue,
            caFile: 'ca.pem',
          });
          new SmokeTest(stack, 'smoke', { station: new Station(stack, 's', { name: 's' }) });
        }),
      ),
    );
    for (const value of Object.values(environment)) expect(text).not.toContain(value);
    const { provider } = JSON.parse(text) as { provider: Record<string, unknown> };
    expect(provider.memphis).toEqual([
      {},
      {
        alias: 'other',
        host: 'broker',
        port: 6667,
        rest_url: 'https://broker:9000',
        account_id: '2',
        username: 'me',
        rest_username: 'admin',
        password: '${var.password}',
        ca_file: 'ca.pem',
      },
    ]);
  });

  test('a literal secret is a warning that does not show it; a variable is none', () => {
    const stack = stackWith((it) => {
      const variable = new TerraformVariable(it, 'v', { type: 'string' });
      new MemphisProvider(it, 'literal', {
        alias: 'a',
        username: 'me',
        password: 'pass-1',
        connectionToken: 'pass-2',
        restPassword: 'pass-3',
      });
      new MemphisProvider(it, 'variable', {
        alias: 'b',
        password: variable.stringValue,
        connectionToken: '${var.v}',
      });
    });
    const warnings = stack.node
      .findAll()
      .flatMap((node) => node.node.metadata.map((entry) => ({ path: node.node.path, ...entry })))
      .filter(({ type }) => type === '@cdktf/warn');
    expect(warnings.map(({ path, data }) => `${path}: ${String(data).split(' is ')[0]}`)).toEqual([
      'test/literal: password',
      'test/literal: connectionToken',
      'test/literal: restPassword',
    ]);
    expect(JSON.stringify(warnings)).not.toMatch(/pass-\d/);
    // A stack trace would hold paths of this machine.
    expect(warnings.every(({ trace }) => trace === undefined)).toBe(true);
  });
});
