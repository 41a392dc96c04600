import { TerraformVariable } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { MemphisProvider, Retention, Schema, SchemaEnforcement, SmokeTest, Station } from '../../src';
import { problemsIn } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const orderSchema = {
  name: 'order',
  type: 'json',
  content: '{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}',
} as const;

interface Case {
  /** Why the case exists. */
  readonly because: string;
  readonly declare: (stack: TerraformStack) => void;
  readonly problems: readonly (string | RegExp)[];
}

const cases: Case[] = [
  {
    because: 'all problems of one construct come at once, with field, value and range',
    declare: (stack) =>
      new Station(stack, 'orders', {
        name: '_orders',
        partitionsNumber: 0,
        replicas: 6,
        retentionValue: 1.5,
      }),
    problems: [
      /^\[test\/orders\] name is "_orders"; it must be a station name: 1 to 128 of a-z/,
      '[test/orders] retentionValue is 1.5; it must be a whole number from 1 to 2147483647 (seconds, messages per partition or bytes per partition, as retentionType says)',
      '[test/orders] replicas is 6; it must be a whole number from 1 to 5 (copies)',
      '[test/orders] partitionsNumber is 0; it must be a whole number from 1 to 10000 (partitions)',
    ],
  },
  {
    because: 'problems of several constructs come in one run',
    declare: (stack) => {
      new Station(stack, 'a', { name: '' });
      new Schema(stack, 'b', { name: 'b', type: 'json', content: '{' });
    },
    problems: [/^\[test\/a\] name is ""; it must be a station name/, /^\[test\/b\] content: /],
  },
  {
    because: 'programs without types can combine what does not compile',
    declare: (stack) =>
      new Station(stack, 'orders', {
        name: 'orders',
        retentionType: Retention.ACK_BASED,
        retentionValue: 5,
      } as never),
    problems: [
      '[test/orders] retentionValue is 5, but it has no meaning with retentionType ACK_BASED; leave it out',
    ],
  },
  {
    because: 'the default limit of an age would be 3600 messages, or 3600 bytes',
    declare: (stack) => {
      new Station(stack, 'a', { name: 'a', retentionType: Retention.MESSAGES } as never);
      new Station(stack, 'b', { name: 'b', retentionType: Retention.BYTES } as never);
      const limit = new TerraformVariable(stack, 'limit', { type: 'number' }).numberValue;
      new Station(stack, 'c', { name: 'c', retentionType: Retention.BYTES, retentionValue: limit });
    },
    problems: [
      '[test/a] retentionValue is missing; with retentionType MESSAGES it must be given (messages per partition)',
      '[test/b] retentionValue is missing; with retentionType BYTES it must be given (bytes per partition)',
    ],
  },
  {
    because: 'the members of an enumeration are what a program writes',
    declare: (stack) =>
      new Station(stack, 'orders', {
        name: 'orders',
        retentionType: 'MESSAGES',
        storageType: 'disk',
      } as never),
    problems: [
      '[test/orders] retentionType is "MESSAGES"; it must be one of Retention.MAX_MESSAGE_AGE_SECONDS, Retention.MESSAGES, Retention.BYTES, Retention.ACK_BASED',
      '[test/orders] storageType is "disk"; it must be one of Storage.DISK, Storage.MEMORY',
    ],
  },
  {
    because: 'the name of a station is one name in any letter case',
    declare: (stack) => {
      new Station(stack, 'one', { name: 'orders' });
      new Station(stack, 'two', { name: 'Orders' });
    },
    problems: [
      '[test/two] name is "Orders", which "test/one" declares already (upper and lower case are the same); rename or remove one of them',
    ],
  },
  {
    because: 'two schemas of one name would overwrite each other',
    declare: (stack) => {
      new Schema(stack, 'one', orderSchema);
      new Schema(stack, 'two', orderSchema);
    },
    problems: [/^\[test\/two\] name is "order", which "test\/one" declares already/],
  },
  {
    because: 'one name on two brokers is legal',
    declare: (stack) => {
      const east = new MemphisProvider(stack, 'east', { alias: 'east', host: 'east' });
      new Station(stack, 'one', { name: 'orders' });
      new Station(stack, 'two', { name: 'orders', provider: east });
    },
    problems: [],
  },
  {
    because: 'the names and addresses of this machine are one broker, as is a name with the dot at its end',
    declare: (stack) => {
      const on = (host: string, index: number) => ({
        name: host === '[::1]' ? 'other' : 'orders',
        provider: new MemphisProvider(stack, `p${index}`, { alias: `p${index}`, host }),
      });
      const hosts = ['localhost', '127.0.0.1', '[::1]', 'http://broker.example/', 'Broker.example.'];
      for (const [index, host] of hosts.entries()) new Station(stack, `s${index}`, on(host, index));
    },
    problems: [
      '[test/p1] it names the same broker as "test/p0", and "test/s1" declares there what "test/s0" declares already; remove one of the two, or name another broker',
      '[test/p4] it names the same broker as "test/p3", and "test/s4" declares there what "test/s3" declares already; remove one of the two, or name another broker',
    ],
  },
  {
    because: 'two providers that name one broker are one to it',
    declare: (stack) => {
      const east = new MemphisProvider(stack, 'east', { alias: 'east', host: 'Broker.example' });
      const again = new MemphisProvider(stack, 'again', {
        alias: 'again',
        host: 'broker.example',
        username: 'me',
      });
      const env = new MemphisProvider(stack, 'env', { alias: 'env' });
      new Station(stack, 'one', { name: 'orders', schemaName: 'order', provider: east });
      new Station(stack, 'two', { name: 'ORDERS', schemaName: 'order', provider: again });
      new Station(stack, 'other', { name: 'other', provider: again });
      new Station(stack, 'three', { name: 'orders' });
      new Schema(stack, 'four', orderSchema);
      new Schema(stack, 'five', { ...orderSchema, provider: env });
    },
    problems: [
      '[test/again] it names the same broker as "test/east", and "test/two" declares there what "test/one" declares already; remove one of the two, or name another broker',
      '[test/again] it names the same broker as "test/east", and "test/two/enforcement" declares there what "test/one/enforcement" declares already; remove one of the two, or name another broker',
      '[test/env] it names the same broker as "test/memphis", and "test/five" declares there what "test/four" declares already; remove one of the two, or name another broker',
    ],
  },
  {
    because: 'providers are told apart by host, port, account and the variables that they come from',
    declare: (stack) => {
      const all = [
        { host: 'a' },
        { host: 'a', port: 7777 },
        { host: 'a', accountId: '2' },
        { envPrefix: 'EAST_' },
      ];
      new Station(stack, 'orders', { name: 'orders' });
      all.forEach((settings, index) => {
        const provider = new MemphisProvider(stack, `p${index}`, { alias: `p${index}`, ...settings });
        new Station(stack, `orders${index}`, { name: 'orders', provider });
      });
    },
    problems: [],
  },
  {
    because: 'a station and a schema may share a name',
    declare: (stack) => {
      new Station(stack, 'station', { name: 'order' });
      new Schema(stack, 'schema', orderSchema);
    },
    problems: [],
  },
  {
    because: 'a dead-letter station that is the station itself never exists first',
    declare: (stack) => new Station(stack, 'orders', { name: 'orders', dlsStation: 'ORDERS' }),
    problems: ['[test/orders] dlsStation is the station itself ("orders"); name another station'],
  },
  {
    because: 'a mutual pair can never be created; it is reported once',
    declare: (stack) => {
      new Station(stack, 'a', { name: 'a', dlsStation: 'B' });
      new Station(stack, 'b', { name: 'b', dlsStation: 'a' });
    },
    problems: [/^\[test\/a\] dlsStation forms a circle: "a" -> "b" -> "a"; a dead-letter station must exist/],
  },
  {
    because: 'a longer circle, entered from a station that is not part of it',
    declare: (stack) => {
      new Station(stack, 'entry', { name: 'entry', dlsStation: 'a' });
      const c = new Station(stack, 'c', { name: 'c', dlsStation: 'a' });
      const b = new Station(stack, 'b', { name: 'b', dlsStation: c });
      new Station(stack, 'a', { name: 'a', dlsStation: b.name });
    },
    problems: [/^\[test\/a\] dlsStation forms a circle: "a" -> "b" -> "c" -> "a"/],
  },
  {
    because: 'schemaName and enforce() would both own the attachment',
    declare: (stack) => {
      const orders = new Station(stack, 'orders', { name: 'orders', schemaName: 'order' });
      orders.enforce(new Schema(stack, 'order', orderSchema));
    },
    problems: [
      '[test/orders/enforcement-2] station "orders" gets a schema here and at "test/orders/enforcement", but a station has one schema; keep one of: schemaName of the station, station.enforce(), SchemaEnforcement',
    ],
  },
  {
    because: 'the same station is meant by a construct, by its name and by a reference to it',
    declare: (stack) => {
      const orders = new Station(stack, 'orders', { name: 'orders' });
      new SchemaEnforcement(stack, 'by-construct', { station: orders, schema: 'order' });
      new SchemaEnforcement(stack, 'by-name', { station: 'Orders', schema: 'order' });
      new SchemaEnforcement(stack, 'by-reference', { station: orders.name, schema: 'order' });
    },
    problems: [
      /^\[test\/by-name\] station "orders" gets a schema here and at "test\/by-construct"/,
      /^\[test\/by-reference\] station "orders" gets a schema here and at "test\/by-construct"/,
    ],
  },
  {
    because: 'an enforcement checks both names',
    declare: (stack) => new SchemaEnforcement(stack, 'e', { station: 'a b', schema: 'x'.repeat(129) }),
    problems: [/^\[test\/e\] stationName is "a b"; it must be/, /^\[test\/e\] schemaName is "x+/],
  },
  {
    because: 'what this stack declares is not owned by somebody else',
    declare: (stack) => {
      new Station(stack, 'orders', { name: 'orders' });
      Station.fromName(stack, 'elsewhere', 'Orders');
      new Schema(stack, 'order', orderSchema);
      Schema.fromName(stack, 'schema-elsewhere', 'order');
    },
    problems: [
      '[test/elsewhere] fromName is for a station that another stack or team owns, but "Orders" is declared at "test/orders"; pass that construct instead',
      '[test/schema-elsewhere] fromName is for a schema that another stack or team owns, but "order" is declared at "test/order"; pass that construct instead',
    ],
  },
  {
    because: 'names of objects that somebody else owns follow the same rules',
    declare: (stack) => Station.fromName(stack, 'elsewhere', 'no spaces'),
    problems: [
      `[test/elsewhere] name is "no spaces"; Only alphanumeric and the '_', '-', '.' characters are allowed in Station`,
    ],
  },
  {
    because: 'values that are known only when deployed are not checked, whatever stands in for them',
    declare: (stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' });
      const number = new TerraformVariable(stack, 'number', { type: 'number' });
      new Station(stack, 'a', { name: text.stringValue, partitionsNumber: number.numberValue });
      new Station(stack, 'b', { name: `${text.stringValue}_b`, tags: [text.stringValue] });
      new Station(stack, 'c', { name: '${var.text}-c', dlsStation: text.stringValue });
      new Schema(stack, 'd', { name: text.stringValue, type: 'json', content: text.stringValue });
      new MemphisProvider(stack, 'e', { alias: 'e', port: number.numberValue, restUrl: text.stringValue });
    },
    problems: [],
  },
  {
    because: 'a schema file that is not there, and an extension that says nothing',
    declare: (stack) => {
      new Schema(stack, 'absent', { name: 'a', file: 'not/there.json' });
      new Schema(stack, 'no-type', { name: 'b', file: 'README.txt' });
    },
    problems: [
      /^\[test\/absent\] file is "not\/there\.json", which cannot be read: .*ENOENT/,
      /^\[test\/no-type\] file is "README\.txt", whose extension is none of .*; give the type/,
      /^\[test\/no-type\] file is "README\.txt", which cannot be read/,
    ],
  },
  {
    because: 'connection settings are checked without the environment of the deploy',
    declare: (stack) =>
      new MemphisProvider(stack, 'bad', {
        alias: 'bad',
        port: 70000,
        restUrl: 'broker:9000',
        username: '',
        certFile: 'client.pem',
      }),
    problems: [
      '[test/bad] username is empty; give a value, or leave it out to use MEMPHIS_USERNAME',
      '[test/bad] port is "70000"; it must be a whole number from 1 to 65535',
      '[test/bad] restUrl is "broker:9000"; it must start with http:// or https:// and name a host',
    ],
  },
  {
    because: 'a host and its port are two settings',
    declare: (stack) => new MemphisProvider(stack, 'bad', { alias: 'bad', host: 'broker:6666' }),
    problems: [
      '[test/bad] host is "broker:6666"; it must not have a port; take it out, and set port to 6666',
    ],
  },
  {
    because: 'Terraform has one provider without alias, and one of each alias',
    declare: (stack) => {
      new MemphisProvider(stack, 'second', { host: 'b' });
      new MemphisProvider(stack, 'east', { alias: 'east' });
      new MemphisProvider(stack, 'again', { alias: 'east' });
    },
    problems: [
      '[test/second] alias is missing, and the MemphisProvider "test/memphis" has none either; give each further provider of a stack an alias, and pass it as provider to what is on its broker',
      '[test/again] alias is "east", which the MemphisProvider "test/east" has already; give each provider an alias of its own',
    ],
  },
  {
    because: 'credentials in an address would be written down; they are not shown either',
    declare: (stack) =>
      new MemphisProvider(stack, 'bad', { alias: 'bad', restUrl: 'http://me:secret@broker:9000' }),
    problems: [
      '[test/bad] restUrl has a user name or password in it; take them out, and use username and password',
    ],
  },
  {
    because: 'a sample that its own schema rejects, and an invalid one that it takes',
    declare: (stack) => {
      const orders = new Station(stack, 'orders', { name: 'orders', schemaName: 'order' });
      new Schema(stack, 'order', orderSchema);
      new SmokeTest(stack, 'smoke', { station: orders, sample: { id: 'x' }, invalidSample: { id: 7 } });
    },
    problems: [
      /^\[test\/smoke\] sample does not fit schema "order" \(Schema validation has failed: .*\); change one of them/,
      '[test/smoke] invalidSample fits schema "order", which is to reject it; change one of them',
    ],
  },
  {
    because: 'the message that is sent without a sample fits no schema',
    declare: (stack) => {
      const orders = new Station(stack, 'orders', { name: 'orders', schemaName: 'order' });
      new SmokeTest(stack, 'smoke', { station: orders });
    },
    problems: [
      '[test/smoke] sample is missing; the station enforces schema "order", so give a message that fits it',
    ],
  },
  {
    because: 'ranges of a smoke test, and values that cannot be in a file written at synth',
    declare: (stack) => {
      const variable = new TerraformVariable(stack, 'v', { type: 'string' });
      const orders = new Station(stack, 'orders', { name: variable.stringValue });
      new SmokeTest(stack, 'late', { station: orders, sample: { id: variable.stringValue } });
      const other = new Station(stack, 'other', { name: 'other' });
      new SmokeTest(stack, 'range', {
        station: other,
        messages: 0,
        timeoutMs: 10,
        sample: '${not an expression}',
      });
    },
    problems: [
      '[test/late] station is known only when the stack is deployed, but the test is written at synth; give a plain value',
      '[test/late] sample is known only when the stack is deployed, but the test is written at synth; give a plain value',
      '[test/range] messages is 0; it must be a whole number from 1 to 10000 (messages)',
      '[test/range] timeoutMs is 10; it must be a whole number from 1000 to 600000 (milliseconds)',
    ],
  },
];

describe('problems at synth', () => {
  test.each(cases)('$because', ({ declare, problems }) => {
    const found = problemsIn(declare);
    expect(found).toEqual(
      problems.map((problem): unknown =>
        typeof problem === 'string' ? problem : expect.stringMatching(problem),
      ),
    );
  });
});
