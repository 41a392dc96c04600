import { LocalBroker } from '../../../src/runtime/broker';
import { Memphis } from '../../../src/runtime/messaging';
import { BrokerClient } from '../broker/broker-client';

const password = 'Abc123!@#x';
let broker: LocalBroker;
let root: Memphis;
let limited: Memphis;
const reported: string[] = [];

async function clientOf(username: string, secret: string): Promise<Memphis> {
  const memphis = new Memphis();
  await memphis.connect({ host: broker.host, port: broker.port, username, password: secret });
  return memphis;
}

beforeAll(async () => {
  broker = await LocalBroker.start({ store: 'memory' });
  root = await clientOf('root', 'memphis');
  await root.station({ name: 'mine' });
  await root.station({ name: 'theirs' });
  await root.createSchema({ schemaName: 'order', schemaType: 'json', schemaContent: '{"type":"object"}' });
  const rest = await BrokerClient.connect(broker);
  await rest.rest('POST', '/usermgmt/addUser', {
    username: 'limited',
    user_type: 'application',
    password,
    allow_read_permissions: ['mine'],
    allow_write_permissions: ['mine'],
  });
  await rest.close();
  limited = await clientOf('limited', password);
  limited.onError((error) => reported.push(error.message));
});

afterAll(async () => {
  await limited.close();
  await root.close();
  await broker.stop();
});

async function messageOf(call: () => Promise<unknown>): Promise<string> {
  return call().then(
    () => 'it worked',
    (error: unknown) => (error as Error).message,
  );
}

test.each<[call: string, () => Promise<unknown>, text: unknown]>([
  [
    'enforceSchema without the station',
    () => root.enforceSchema({ name: 'order', stationName: 'nowhere' }),
    'could not enforce the schema "order" on station "nowhere": memphis: Station nowhere does not exist. Deploy the station first, or create it with station; check the spelling of its name.',
  ],
  [
    'enforceSchema without the schema',
    () => root.enforceSchema({ name: 'nothing', stationName: 'mine' }),
    'could not enforce the schema "nothing" on station "mine": Schema nothing does not exist. Deploy the schema first, or create it with createSchema.',
  ],
  [
    'detachSchema without the station',
    () => root.detachSchema({ stationName: 'nowhere' }),
    'could not detach the schema of station "nowhere": station nowhere does not exist. Deploy the station first, or create it with station; check the spelling of its name.',
  ],
  [
    'createSchema over one of another type',
    () =>
      root.createSchema({
        schemaName: 'order',
        schemaType: 'graphql',
        schemaContent: 'type Query { a: Int }',
      }),
    'could not create the schema "order": order already exist with type - json. Choose another name, or remove that schema first.',
  ],
  [
    'createSchema with invalid content',
    () => root.createSchema({ schemaName: 'bad', schemaType: 'json', schemaContent: '{"type": 7}' }),
    expect.stringMatching(
      /^could not create the schema "bad": your json schema is invalid\. Correct the content: ./,
    ),
  ],
  [
    'producer without a name of its station',
    () => root.producer({ stationName: '', producerName: 'p' }),
    'could not create the producer "p": Station name can not be empty.',
  ],
  [
    'a message that JSON cannot write',
    () => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      return root.produce({ stationName: 'mine', producerName: 'p', message: circle });
    },
    'could not produce to station "mine": message cannot be written as JSON: Converting circular structure to JSON; give plain data, or bytes.',
  ],
  [
    'station with too many replicas',
    () => root.station({ name: 'three', replicas: 3 }),
    'could not create station "three": station can not be created, probably since replicas count is larger than the cluster size. Set replicas to the number of servers of the broker or less.',
  ],
  [
    'station by a user without permission',
    () => limited.station({ name: 'other' }),
    'could not create station "other": user limited is not allowed to create station other. Permit it to this user with allowReadPermissions or allowWritePermissions, or use another user.',
  ],
])('%s is refused with what to do', async (_, call, text) => {
  expect(await messageOf(call)).toEqual(text);
});

test.each<[kind: string, () => Promise<unknown>]>([
  ['producer', () => limited.producer({ stationName: 'theirs', producerName: 'p' })],
  ['consumer', () => limited.consumer({ stationName: 'theirs', consumerName: 'c' })],
])('a %s without permission is one error with what to do, and no warning besides', async (kind, call) => {
  const message = await messageOf(call);
  expect(message).toMatch(new RegExp(`^could not create the ${kind} "." on station "theirs": `));
  expect(message).toMatch(
    / Permit it to this user with allowReadPermissions or allowWritePermissions, or use another user\.$/,
  );
  expect(reported).toEqual([]);
});

test.each<[call: string, () => Promise<unknown>, attempted: string]>([
  ['station', () => root.station({ name: 'mine', colour: 1 } as never), 'create station "mine"'],
  [
    'producer',
    () => root.producer({ stationName: 'mine', producerName: 'p', colour: 1 } as never),
    'create the producer "p" on station "mine"',
  ],
  [
    'consumer',
    () => root.consumer({ stationName: 'mine', consumerName: 'c', colour: 1 } as never),
    'create the consumer "c" on station "mine"',
  ],
  [
    'produce',
    () => root.produce({ stationName: 'mine', producerName: 'p', message: 'x', colour: 1 } as never),
    'produce to station "mine" with the producer "p"',
  ],
  [
    'fetchMessages',
    () => root.fetchMessages({ stationName: 'mine', consumerName: 'c', colour: 1 } as never),
    'fetch messages with the consumer "c" of station "mine"',
  ],
  [
    'createSchema',
    () => root.createSchema({ schemaName: 's', schemaType: 'json', schemaContent: '{}', colour: 1 } as never),
    'create the schema "s"',
  ],
  [
    'enforceSchema',
    () => root.enforceSchema({ name: 's', stationName: 'mine', colour: 1 } as never),
    'enforce the schema "s" on station "mine"',
  ],
  [
    'detachSchema',
    () => root.detachSchema({ stationName: 'mine', colour: 1 } as never),
    'detach the schema of station "mine"',
  ],
])('an unknown option of %s names the object', async (_, call, attempted) => {
  expect(await messageOf(call)).toMatch(
    new RegExp(`^could not ${attempted}: colour is not an option of this call`),
  );
});

test('a partition that the station does not have is refused with the name of the station', async () => {
  const producer = await root.producer({ stationName: 'mine', producerName: 'p' });
  expect(await messageOf(() => producer.produce({ message: 'x', producerPartitionNumber: 7 }))).toBe(
    'could not choose a partition of station "mine": Partition number is out of range: 7 is none of 1.',
  );
});
