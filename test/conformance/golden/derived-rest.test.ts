import { GoldenBroker, type Json, type JsonObject } from './golden-broker';

/** Calls that nobody recorded: the answers follow from the documented rules of Memphis 1.4.4. */
interface DerivedCall {
  /** The rule it follows from. */
  readonly why: string;
  /** Method and path, with the query if there is one. */
  readonly call: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;
  /** A text is sent as it is. */
  readonly body?: Json;
  readonly status: number;
  /** An object is compared as a part of the reply; undefined: the status alone. */
  readonly reply?: Json;
}

let golden: GoldenBroker;
let managerToken = '';
const password = 'Abc123!@#x';
beforeAll(async () => {
  golden = await GoldenBroker.start({ store: 'memory' });
  await golden.createStation({ name: 'd-st', partitions_number: 2 });
  await golden.createStation({ name: 'd-two', partitions_number: 1 });
  await golden.rest('POST', '/schemas/createNewSchema', { name: 'd-sch', type: 'json', schema_content: '{}' });
  const manager = { username: 'boss', password };
  await golden.rest('POST', '/usermgmt/addUser', {
    ...manager,
    user_type: 'management',
    allow_write_permissions: ['nothing'],
  });
  const login = await golden.rest('POST', '/usermgmt/login', manager);
  managerToken = (JSON.parse(login.text) as { jwt: string }).jwt;
});
afterAll(() => golden.stop());

function replay(calls: readonly DerivedCall[]): void {
  test.each(calls)('$why: $call', async ({ call, body, status, reply }) => {
    const [method = '', path = ''] = call.split(' ');
    const answer = await golden.rest(method, path, body, typeof body === 'string' ? { raw: body } : {});
    expect({ status: answer.status, text: answer.text }).toEqual({ status, text: expect.anything() as unknown });
    if (reply === undefined) return;
    const found = JSON.parse(answer.text) as Json;
    if (status === 200 && !Array.isArray(reply)) expect(found).toMatchObject(reply as JsonObject);
    else expect(found).toEqual(reply);
  });
}

const message = (text: string): JsonObject => ({ message: text });
const required = (...fields: readonly string[]): JsonObject => ({
  message: fields.map((field) => ({ field, reason: 'required' })),
});
const tooLong = (field: string, most: number): JsonObject => ({ message: [{ field, reason: `max=${most}` }] });
const notJson = message('Body params have to be in JSON format');
const serverError = message('Server error');
const characters = (kind: string): JsonObject =>
  message(`Only alphanumeric and the '_', '-', '.' characters are allowed in ${kind}`);
const noStation = (name: string): JsonObject => message(`Station ${name} does not exist`);

describe('bodies', () => {
  replay([
    { why: 'null is an empty object', call: 'POST /usermgmt/login', body: 'null', status: 400, reply: required('username', 'password') },
    { why: 'what follows the object is not read', call: 'PUT /stations/updateDlsConfig', body: '{"station_name":"d-st"} and more', status: 200, reply: { poison: false } },
    { why: 'a list is no object', call: 'PUT /stations/updateDlsConfig', body: '[]', status: 400, reply: notJson },
    { why: 'keys match in any case, the last of two wins', call: 'PUT /stations/updateDlsConfig', body: '{"STATION_NAME":"nope","station_name":"d-st","Poison":true}', status: 200, reply: { poison: true } },
    { why: 'null is false', call: 'PUT /stations/updateDlsConfig', body: { station_name: 'd-st', poison: null, schemaverse: true }, status: 200, reply: { poison: false, schemaverse: true } },
    { why: 'blanks alone are no body', call: 'DELETE /stations/removeStation', body: '  ', status: 400, reply: notJson },
    { why: 'null is no list', call: 'DELETE /stations/removeStation', body: { station_names: null }, status: 400, reply: required('station_names') },
    { why: 'a text is no list', call: 'DELETE /stations/removeStation', body: { station_names: 'd-st' }, status: 400, reply: notJson },
    { why: 'a list of numbers is no list of texts', call: 'DELETE /schemas/removeSchema', body: { schema_names: [1] }, status: 400, reply: notJson },
    { why: 'null in a list is an empty text', call: 'DELETE /stations/removeStation', body: { station_names: [null] }, status: 406, reply: message('Station name can not be empty') },
    { why: 'a fraction is no number of partitions', call: 'POST /stations/createStation', body: { name: 'd-x', partitions_number: 1.5 }, status: 400, reply: notJson },
    { why: 'a list that is sent twice is read into the elements of the first', call: 'PUT /tags/updateTagsForEntity', body: '{"entity_type":"station","entity_name":"d-two","tags_to_add":[{"name":"twice","color":"1"}],"tags_to_add":[{"color":"2"}]}', status: 200, reply: [{ name: 'default', color: '0, 165, 255' }, { name: 'twice', color: '2' }] },
  ]);
});

describe('queries', () => {
  replay([
    { why: 'a number that is none counts as 0, and 0 as missing', call: 'GET /monitoring/getStationOverviewData?station_name=d-st&partition_number=x', status: 400, reply: required('partition_number') },
    { why: 'a sign is part of a number', call: 'GET /stations/getMessageDetails?station_name=d-st&partition_number=%2B1&message_seq=1', status: 406, reply: message('The message was not found since it had probably already been deleted') },
    { why: 'a number beyond 64 bits is none', call: 'GET /monitoring/getStationOverviewData?station_name=d-st&partition_number=99999999999999999999', status: 400, reply: required('partition_number') },
    { why: 'all fields that are missing', call: 'GET /stations/getMessageDetails', status: 400, reply: required('station_name', 'partition_number') },
    { why: 'the first of two values counts', call: 'GET /stations/getStation?station_name=D-TWO&station_name=nope', status: 200, reply: { name: 'd-two' } },
    { why: 'names are told in lower case', call: 'GET /stations/getStation?station_name=Nope%20X', status: 406, reply: noStation('nope x') },
    { why: 'an id that is no number is missing', call: 'GET /stations/getPoisonMessageJourney?message_id=x', status: 400, reply: required('message_id') },
    { why: 'every spelling of true that Go knows', call: 'GET /stations/getMessageDetails?station_name=nope&partition_number=1&is_dls=1&message_id=77', status: 406, reply: message('The message was not found since it had probably already been deleted') },
    { why: 'and no other', call: 'GET /stations/getMessageDetails?station_name=nope&partition_number=1&is_dls=yes&message_id=77', status: 406, reply: noStation('nope') },
    { why: 'a partition that is not there', call: 'GET /monitoring/getStationOverviewData?station_name=D-ST&partition_number=3', status: 406, reply: noStation('d-st') },
    { why: 'an unknown schema is told as sent', call: 'GET /schemas/getSchemaDetails?schema_name=Nope', status: 406, reply: message('Schema Nope does not exist') },
  ]);
});

describe('stations', () => {
  const station = (more: JsonObject): JsonObject => ({ name: 'd-x', partitions_number: 1, ...more });
  replay([
    { why: 'the framework counts characters', call: 'POST /stations/createStation', body: station({ name: 'ä'.repeat(129) }), status: 400, reply: tooLong('name', 128) },
    { why: 'the broker counts bytes', call: 'POST /stations/createStation', body: station({ name: 'ä'.repeat(128) }), status: 406, reply: message('Station should be under 128 characters') },
    { why: 'the name comes before the partitions', call: 'POST /stations/createStation', body: station({ name: 'a b', partitions_number: 0 }), status: 406, reply: characters('Station') },
    { why: 'the partitions come before existence', call: 'POST /stations/createStation', body: { name: 'D-ST', partitions_number: 0 }, status: 406, reply: message('cannot create station with 0 replicas (max:10000 min:1): Station d-st') },
    { why: 'existence comes before the schema', call: 'POST /stations/createStation', body: station({ name: 'd-st', schema_name: 'nope' }), status: 406, reply: message('Station d-st already exists') },
    { why: 'the schema comes before the retention, told in lower case', call: 'POST /stations/createStation', body: station({ schema_name: 'Nope', retention_type: 'x' }), status: 406, reply: message('Schema nope does not exist') },
    { why: 'the retention comes before the storage', call: 'POST /stations/createStation', body: station({ retention_type: 'x', storage_type: 'x' }), status: 406, reply: message('retention type can be one of the following message_age_sec/messages/bytes/ack_based') },
    { why: 'the storage comes before the window', call: 'POST /stations/createStation', body: station({ storage_type: 'x', idempotency_window_in_ms: 86_400_001 }), status: 406, reply: message('storage type can be one of the following file/memory') },
    { why: 'the window is compared with the type as it was sent: another spelling is not, and the server refuses', call: 'POST /stations/createStation', body: station({ retention_type: 'MESSAGE_AGE_SEC', retention_value: 60, idempotency_window_in_ms: 60_001 }), status: 500, reply: serverError },
    { why: 'a window below 100 ms is compared as it is', call: 'POST /stations/createStation', body: station({ retention_type: 'message_age_sec', retention_value: 1, idempotency_window_in_ms: 99 }), status: 200, reply: { idempotency_window_in_ms: 100, retention_value: 1 } },
    { why: 'the tag of no name', call: 'POST /stations/createStation', body: station({ name: 'd-nul', tags: [{ name: 'a\u0000' }] }), status: 500, reply: serverError },
    { why: 'the station stays although its tags were refused', call: 'GET /stations/getStation?station_name=d-nul', status: 200, reply: { tags: [] } },
    { why: 'names that do not exist are told as sent', call: 'DELETE /stations/removeStation', body: { station_names: ['D-None'] }, status: 406, reply: noStation('D-None') },
    { why: 'names are checked first', call: 'DELETE /stations/removeStation', body: { station_names: ['a b'] }, status: 406, reply: characters('Station') },
    { why: 'twice the same name', call: 'DELETE /stations/removeStation', body: { station_names: ['d-x', 'D-X'] }, status: 200, reply: {} },
    { why: 'the schema comes before the stations', call: 'POST /stations/useSchema', body: { station_names: ['a b'], schema_name: 'nope' }, status: 406, reply: message('Schema nope does not exist') },
    { why: 'both fields are told', call: 'POST /stations/useSchema', body: {}, status: 400, reply: required('station_names', 'schema_name') },
    { why: 'both fields are told', call: 'POST /stations/attachDlsStation', body: {}, status: 400, reply: required('name', 'station_names') },
    { why: 'the partitions must be named, but first there must be a station', call: 'DELETE /stations/purgeStation', body: { station_name: 'nope' }, status: 406, reply: noStation('nope') },
    { why: 'a station must be named', call: 'DELETE /stations/purgeStation', body: { partitions_list: [-1] }, status: 400, reply: required('station_name') },
    { why: 'no messages are a list, too', call: 'DELETE /stations/removeMessages', body: { station_name: 'd-st', messages: [] }, status: 200, reply: {} },
    { why: 'both fields are told', call: 'DELETE /stations/removeMessages', body: {}, status: 400, reply: required('station_name', 'messages') },
    { why: 'all fields are told', call: 'POST /stations/dropDlsMessages', body: {}, status: 400, reply: required('dls_type', 'dls_message_ids', 'station_name') },
    { why: 'all fields are told', call: 'POST /stations/produce', body: {}, status: 400, reply: required('station_name', 'message_payload', 'amount') },
    { why: 'no message at all', call: 'POST /stations/produce', body: { station_name: 'd-st', message_payload: 'x', amount: -1 }, status: 406, reply: message('amount of messages to produce has to be positive and not larger than 1') },
    { why: 'the amount comes before the length', call: 'POST /stations/produce', body: { station_name: 'd-st', message_payload: 'x'.repeat(101), amount: 2 }, status: 406, reply: message('amount of messages to produce has to be positive and not larger than 1') },
    { why: 'a missing partition is any', call: 'POST /stations/produce', body: { station_name: 'd-st', message_payload: 'x', amount: 1 }, status: 200, reply: {} },
  ]);

  test('a call is never restricted by lists', async () => {
    const headers = { authorization: `Bearer ${managerToken}` };
    const made = await golden.rest('POST', '/stations/createStation', { name: 'd-boss', partitions_number: 1 }, { headers });
    expect({ status: made.status, text: made.text }).toEqual({ status: 200, text: expect.stringContaining('"created_by_username": "boss"') as unknown });
  });

  test('the history tells who attached a schema, except of a station with a dot in its name', async () => {
    await golden.createStation({ name: 'd-a', partitions_number: 1 });
    await golden.createStation({ name: 'd.a', partitions_number: 1 });
    await golden.rest('POST', '/stations/useSchema', { station_names: ['d-a', 'd.a'], schema_name: 'demo-schema' });
    for (const name of ['D-A', 'D.A']) {
      const request = { name: 'Demo-Schema', station_name: name, username: 'somebody' };
      await golden.manage('$memphis_schema_attachments', JSON.stringify(request));
    }
    const history = async (name: string): Promise<string[]> => {
      const query = `station_name=${name}&partition_number=-1`;
      const overview = await golden.restJson('GET', `/monitoring/getStationOverviewData?${query}`);
      return (overview as { audit_logs: { message: string }[] }).audit_logs.map((line) => line.message);
    };
    expect(await history('d-a')).toEqual([
      'Schema demo-schema has been attached to station d-a by user somebody',
      'Schema demo-schema has been attached to station d-a by user root',
      'Station d-a has been created by user root',
    ]);
    expect(await history('d.a')).toEqual(['Station d.a has been created by user root']);
  });

  test('a stream that looks like one more partition is none', async () => {
    await golden.createStation({ name: 'd-p', partitions_number: 1 });
    await golden.jetstream('STREAM.CREATE.d-p$2', { name: 'd-p$2', subjects: ['d-p$2.>'], storage: 'memory' });
    const overview = (partition: number) => golden.rest('GET', `/monitoring/getStationOverviewData?station_name=d-p&partition_number=${partition}`);
    expect((await overview(1)).status).toBe(200);
    expect((await overview(2)).text).toBe('{"message":"Partition number 2 does not exist"}');
    expect((await overview(3)).text).toBe('{"message":"Station d-p does not exist"}');
  });

  test('headers are listed in the order of their names', async () => {
    await golden.createStation({ name: 'd-h', partitions_number: 1 });
    const produced = { station_name: 'd-h', message_payload: 'x', amount: 1, message_headers: { b: '1', A: '2', a: '3' } };
    await golden.rest('POST', '/stations/produce', produced);
    const details = async (): Promise<string> =>
      (await golden.rest('GET', '/stations/getMessageDetails?station_name=d-h&partition_number=1&message_seq=1')).text;
    let text = await details();
    while (text.includes('not found')) text = await details();
    const order = ['"A": "2"', '"a": "3"', '"b": "1"'];
    expect(order.map((header) => text.indexOf(header))).toEqual(order.map((header) => text.indexOf(header)).sort((x, y) => x - y));
    const overview = (await golden.rest('GET', '/monitoring/getStationOverviewData?station_name=d-h&partition_number=1')).text;
    expect(/"A": "2",\s*"a": "3",\s*"b": "1"/.test(overview)).toBe(true);
    expect(/"A": "2",\s*"a": "3",\s*"b": "1"/.test(text)).toBe(true);
  });
});

describe('schemas', () => {
  const schema = (more: JsonObject): JsonObject => ({ name: 'd-new', type: 'json', schema_content: '{}', ...more });
  replay([
    { why: 'the framework counts characters', call: 'POST /schemas/createNewSchema', body: schema({ name: 'ä'.repeat(33) }), status: 400, reply: tooLong('name', 32) },
    { why: 'and then the charset is checked', call: 'POST /schemas/createNewSchema', body: schema({ name: 'ä'.repeat(32) }), status: 406, reply: characters('Schema') },
    { why: 'existence comes before the type', call: 'POST /schemas/createNewSchema', body: schema({ name: 'D-SCH', type: 'xml' }), status: 406, reply: message('Schema with the name d-sch already exists') },
    { why: 'the type comes before the name of the message', call: 'POST /schemas/createNewSchema', body: schema({ type: 'proto' }), status: 406, reply: message('unsupported schema type') },
    { why: 'the name of the message comes before the content', call: 'POST /schemas/createNewSchema', body: schema({ type: 'PROTOBUF', schema_content: '' }), status: 406, reply: message('message struct name is required when schema type is Protobuf') },
    { why: 'protoc takes a file without messages', call: 'POST /schemas/createNewSchema', body: schema({ name: 'd-empty', type: 'protobuf', schema_content: 'syntax = "proto3";', message_struct_name: 'A' }), status: 200, reply: { name: 'd-empty', type: 'protobuf' } },
    { why: 'its descriptor names the file', call: 'GET /schemas/getSchemaDetails?schema_name=d-empty', status: 200, reply: { versions: [{ message_struct_name: 'A', descriptor: Buffer.from('\n\x19\n\x0fd-empty_1.proto\x62\x06proto3', 'latin1').toString('base64') }] } },
    { why: 'no content', call: 'POST /schemas/createNewVersion', body: { schema_name: 'd-sch' }, status: 555, reply: message('your schema content is invalid') },
    { why: 'an unknown schema is told in lower case', call: 'POST /schemas/createNewVersion', body: { schema_name: 'Nope', schema_content: '{' }, status: 406, reply: message('Schema nope does not exist') },
    { why: 'no schema is named', call: 'PUT /schemas/rollBackVersion', body: {}, status: 406, reply: message('Schema  does not exist') },
    { why: 'a negative version', call: 'PUT /schemas/rollBackVersion', body: { schema_name: 'D-Sch', version_number: -1 }, status: 406, reply: message('Schema d-sch version -1 does not exist') },
    { why: 'a version that the database cannot look for', call: 'PUT /schemas/rollBackVersion', body: { schema_name: 'd-sch', version_number: 2_147_483_648 }, status: 500, reply: serverError },
    { why: 'no type', call: 'POST /schemas/validateSchema', body: {}, status: 406, reply: message('unsupported schema type') },
    { why: 'no content', call: 'POST /schemas/validateSchema', body: { schema_type: 'graphql' }, status: 555, reply: message('your schema content is invalid') },
    { why: 'an empty list', call: 'DELETE /schemas/removeSchema', body: { schema_names: [] }, status: 200, reply: {} },
    { why: 'another spelling of an existing tag, after the schema was made', call: 'POST /schemas/createNewSchema', body: schema({ name: 'd-tagged', tags: [{ name: 'DEFAULT', color: '' }] }), status: 500, reply: serverError },
    { why: 'which stays', call: 'GET /schemas/getSchemaDetails?schema_name=d-tagged', status: 200, reply: { schema_name: 'd-tagged', tags: [] } },
    { why: 'no schema is attached', call: 'GET /stations/getUpdatesForSchemaByStation?station_name=D-St', status: 406, reply: message('Schema  does not exist') },
  ]);
});

describe('tags', () => {
  const entity = { entity_type: 'Station', entity_name: 'D-Two' };
  replay([
    { why: 'the framework counts characters', call: 'POST /tags/createNewTag', body: { name: '🙂'.repeat(21) }, status: 400, reply: tooLong('name', 20) },
    { why: 'twenty of them are fine', call: 'POST /tags/createNewTag', body: { name: '🙂'.repeat(20) }, status: 200, reply: { name: '🙂'.repeat(20) } },
    { why: 'the database has no text with NUL', call: 'POST /tags/createNewTag', body: { name: 'a\u0000' }, status: 500, reply: serverError },
    { why: 'nor when a tag is attached', call: 'PUT /tags/updateTagsForEntity', body: { ...entity, tags_to_add: [{ name: '\u0000' }] }, status: 500, reply: serverError },
    { why: 'a name that the index has no room for', call: 'PUT /tags/updateTagsForEntity', body: { ...entity, tags_to_add: [{ name: incompressible(2690) }] }, status: 500, reply: serverError },
    { why: 'one that it has room for', call: 'PUT /tags/updateTagsForEntity', body: { ...entity, tags_to_add: [{ name: incompressible(2650) }] }, status: 200 },
    { why: 'a sigma at the end is the one in the middle in lower case', call: 'POST /tags/createNewTag', body: { name: 'ΑΣ' }, status: 200, reply: { name: 'ας'.replace('ς', 'σ') } },
    { why: 'schemas are looked up as sent', call: 'PUT /tags/updateTagsForEntity', body: { entity_type: 'schema', entity_name: 'D-SCH', tags_to_add: [{ name: 'x', color: '' }] }, status: 200, reply: [] },
    { why: 'users have no tags', call: 'PUT /tags/updateTagsForEntity', body: { entity_type: 'user', entity_name: 'root', tags_to_add: [] }, status: 200, reply: [] },
    { why: 'both fields are told', call: 'PUT /tags/updateTagsForEntity', body: {}, status: 400, reply: required('entity_type', 'entity_name') },
    { why: 'all fields are told', call: 'DELETE /tags/removeTag', body: {}, status: 400, reply: required('name', 'entity_type', 'entity_name') },
    { why: 'the type of the entity is told before the tag', call: 'DELETE /tags/removeTag', body: { name: 'nope', entity_type: '?', entity_name: 'x' }, status: 406, reply: message('entity type is not valid') },
  ]);

  function incompressible(length: number): string {
    let state = 12345;
    return Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return String.fromCharCode(97 + ((state >> 16) % 26));
    }).join('');
  }
});

describe('users', () => {
  const user = (more: JsonObject): JsonObject => ({ username: 'd-user', user_type: 'application', password, ...more });
  const long = (length: number): string => 'x'.repeat(length);
  const exceeds = (what: string, most: number): JsonObject =>
    message(`${what} exceeds the maximum allowed length of ${most} characters`);
  replay([
    { why: 'both fields are told', call: 'POST /usermgmt/addUser', body: {}, status: 400, reply: required('username', 'user_type') },
    { why: 'the team comes before the position', call: 'POST /usermgmt/addUser', body: user({ team: long(21), position: long(31) }), status: 406, reply: exceeds('team', 20) },
    { why: 'the position comes before the full name', call: 'POST /usermgmt/addUser', body: user({ position: long(31), full_name: long(31) }), status: 406, reply: exceeds('position', 30) },
    { why: 'the full name comes before the description', call: 'POST /usermgmt/addUser', body: user({ full_name: long(31), description: long(101) }), status: 406, reply: exceeds('full name', 30) },
    { why: 'the description comes before the user name', call: 'POST /usermgmt/addUser', body: user({ description: long(101), username: 'a b' }), status: 406, reply: exceeds('description', 100) },
    { why: 'the user name comes before existence and type', call: 'POST /usermgmt/addUser', body: user({ username: 'a b', user_type: 'x' }), status: 406, reply: message('username has to include only letters/numbers/./_/- ') },
    { why: 'existence comes before the type', call: 'POST /usermgmt/addUser', body: user({ username: 'BOSS', user_type: 'x' }), status: 406, reply: message('A user with the name boss already exists') },
    { why: 'the type comes before the password', call: 'POST /usermgmt/addUser', body: user({ user_type: 'X', password: '' }), status: 406, reply: message('user type has to be application/management and not x') },
    { why: 'the password may be as short as 8', call: 'POST /usermgmt/addUser', body: user({ username: 'd-8', password: 'Abc12!@' }), status: 406, reply: message('Password must be at least 8 characters long, contain both uppercase and lowercase, and at least one number and one special character') },
    { why: 'the longest name', call: 'POST /usermgmt/addUser', body: user({ username: long(60) }), status: 200, reply: { username: long(60) } },
    { why: 'names are lower-cased', call: 'DELETE /usermgmt/removeUser', body: { username: long(60).toUpperCase() }, status: 200, reply: {} },
    { why: 'both fields are told', call: 'PUT /usermgmt/changePassword', body: {}, status: 400, reply: required('username', 'password') },
    { why: 'an application user has no session', call: 'POST /usermgmt/login', body: { username: 'nobody', password: '' }, status: 400, reply: required('password') },
  ]);
});

describe('cluster settings', () => {
  const settings = { dls_retention: 1, logs_retention: 1, gc_producer_consumer_retention_hours: 1 };
  const refusal = message("Tiered storage time can't be less than 5 seconds or more than 60 minutes");
  replay([
    { why: '0 is missing', call: 'PUT /configurations/editClusterConfig', body: { ...settings, logs_retention: 0 }, status: 400, reply: required('logs_retention') },
    { why: 'a missing period is too short', call: 'PUT /configurations/editClusterConfig', body: settings, status: 406, reply: refusal },
    { why: 'more than an hour', call: 'PUT /configurations/editClusterConfig', body: { ...settings, tiered_storage_time_sec: 3601 }, status: 406, reply: refusal },
  ]);
});
