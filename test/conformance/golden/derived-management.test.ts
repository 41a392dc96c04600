import { GoldenBroker, type Json, type JsonObject } from './golden-broker';

/**
 * Cases that nobody recorded: the answers follow from the documented rules of Memphis 1.4.4 (order of checks, names,
 * numbers, Go's JSON decoder). They are told apart from recordings by standing here.
 */
interface DerivedCase {
  /** The rule it follows from. */
  readonly why: string;
  readonly request: Json;
  readonly replies: readonly string[];
}

let golden: GoldenBroker;
const password = 'Abc123!@#x';
beforeAll(async () => {
  golden = await GoldenBroker.start({ store: 'memory' });
  await golden.createStation({ name: 'd-st', partitions_number: 2 });
  await golden.createStation({ name: 'allowed', partitions_number: 1 });
  await golden.rest('POST', '/usermgmt/addUser', {
    username: 'half',
    user_type: 'application',
    password,
    allow_write_permissions: ['d-right'],
  });
  await golden.rest('POST', '/usermgmt/addUser', {
    username: 'limited',
    user_type: 'application',
    password,
    allow_read_permissions: ['allowed'],
    allow_write_permissions: ['allowed'],
  });
});
afterAll(() => golden.stop());

function replay(subject: string, cases: readonly DerivedCase[]): void {
  test.each(cases)('$why', async ({ request, replies }) => {
    const payload = typeof request === 'string' ? request : JSON.stringify(request);
    expect(await golden.manage(subject, payload, replies.length)).toEqual(replies);
  });
}

const characters = (kind: string): string =>
  `Only alphanumeric and the '_', '-', '.' characters are allowed in ${kind}`;
const ends = (kind: string): string => `${kind} name can not start or end with non alphanumeric character`;
const inJson = (error: string): string => JSON.stringify({ error });
const noSchema = {
  schema_name: '',
  active_version: { version_number: 0, descriptor: '', schema_content: '', message_struct_name: '' },
  type: '',
};
const consumerReply = (partitions: readonly number[]): string =>
  JSON.stringify({
    schema_update: noSchema,
    partitions_update: { partitions_list: partitions },
    error: '',
  });
const producerRefusal = (error: string): string =>
  JSON.stringify({
    schema_update: noSchema,
    partitions_update: { partitions_list: null },
    schemaverse_to_dls: false,
    send_notification: false,
    station_version: 0,
    station_partitions_first_functions: null,
    error,
  });
const tooLarge = (argument: number, value: number, shown = String(value)): string =>
  `failed to encode args[${argument}]: unable to encode ${shown} into binary format for int4 (OID 23): ${value} is greater than maximum value for int4`;

describe('station creation', () => {
  const station = (more: JsonObject): JsonObject => ({ name: 'd-x', username: 'root', partitions_number: 1, ...more });
  const denied = 'user limited is not allowed to create station d-x';
  const wrongType = (found: string, field: string, type: string, struct = 'createStationRequest'): string =>
    `json: cannot unmarshal ${found} into Go struct field ${struct}.${field} of type ${type}`;
  replay('$memphis_station_creations', [
    // Names, checked after lowercasing as Go lowercases: letter by letter.
    { why: 'U+0130 is i in lower case, one letter', request: station({ name: '\u0130', retention_type: 'x' }), replies: ['retention type can be one of the following message_age_sec/messages/bytes/ack_based'] },
    { why: 'a long s is lower case already and no letter of a name', request: station({ name: 'a\u017f' }), replies: [characters('Station')] },
    { why: 'a name of 128 bytes that ends badly is short enough', request: station({ name: `${'a'.repeat(127)}-` }), replies: [ends('Station')] },
    { why: 'the charset is checked before the ends', request: station({ name: '-a b' }), replies: [characters('Station')] },
    { why: 'a line break is no character of a name', request: station({ name: 'a\n' }), replies: [characters('Station')] },
    { why: 'a dollar is no character of a name', request: station({ name: 'a$1' }), replies: [characters('Station')] },
    { why: 'half of a pair of UTF-16 becomes one character of three bytes', request: `{"name":"${'\\ud800'.repeat(42)}aa","username":"root"}`, replies: [characters('Station')] },
    { why: 'and counts as three bytes', request: `{"name":"${'\\ud800'.repeat(43)}","username":"root"}`, replies: ['Station should be under 128 characters'] },
    // The order of the checks.
    { why: 'rights come before the number of partitions', request: station({ username: 'limited', partitions_number: 0 }), replies: [denied] },
    { why: 'rights come before the schema', request: station({ username: 'limited', schema_name: 'nope' }), replies: [denied] },
    { why: 'rights come before the retention', request: station({ username: 'limited', retention_type: 'x' }), replies: [denied] },
    { why: 'rights come before the window', request: station({ username: 'limited', idempotency_window_in_ms: 86_400_001 }), replies: [denied] },
    { why: 'rights come before the dead-letter station, whose name nobody looks at', request: station({ username: 'limited', dls_station: 'a b' }), replies: [denied] },
    { why: 'an existing station comes before rights', request: station({ name: 'd-st', username: 'limited' }), replies: [''] },
    { why: 'the suffix of the tenant is stripped before rights are looked up', request: station({ username: 'limited$1' }), replies: [denied] },
    { why: 'the id of the tenant is a number', request: station({ username: 'limited$01' }), replies: [denied] },
    { why: 'and told as one', request: station({ username: 'root$007' }), replies: ['createStationDirect: Station d-x: Tenant with id 7 does not exist'] },
    { why: 'a list without a star names whole stations', request: station({ name: 'allowed2', username: 'limited' }), replies: ['user limited is not allowed to create station allowed2'] },
    { why: 'a dead-letter station that is not there needs rights of its own', request: station({ name: 'd-right', username: 'half', dls_station: 'D-Wrong' }), replies: ['user half is not allowed to create station d-wrong'] },
    { why: 'partitions come before the schema', request: station({ partitions_number: 0, schema_name: 'nope' }), replies: ['you are using an old SDK, make sure to update your SDK'] },
    { why: 'storage comes before the window', request: station({ storage_type: 'x', idempotency_window_in_ms: 86_400_001 }), replies: ['storage type can be one of the following file/memory'] },
    { why: 'the window comes before the dead-letter station', request: station({ idempotency_window_in_ms: 86_400_001, dls_station: 'a b' }), replies: ['idempotency window can not exceed 24 hours'] },
    { why: '24 hours come before the retention', request: station({ retention_type: 'message_age_sec', retention_value: 1, idempotency_window_in_ms: 86_400_001 }), replies: ['idempotency window can not exceed 24 hours'] },
    { why: 'the dead-letter station comes before the streams', request: station({ replicas: 3, dls_station: 'a b' }), replies: [characters('Station')] },
    { why: 'a window below 100 ms is 100 ms before it is compared', request: station({ retention_type: 'MESSAGE_AGE_SEC', retention_value: 1, idempotency_window_in_ms: 2000 }), replies: ['idempotency window cannot be greater than the station retention'] },
    // Go's decoder.
    { why: 'a wrong type inside names the inner struct and the whole path', request: station({ dls_configuration: { poison: 'x' } }), replies: [wrongType('string', 'dls_configuration.poison', 'bool', 'DlsConfiguration')] },
    { why: 'the path is spelled as the struct spells it', request: station({ DLS_Configuration: { Schemaverse: 1 } }), replies: [wrongType('number', 'dls_configuration.schemaverse', 'bool', 'DlsConfiguration')] },
    { why: 'a struct must be an object', request: station({ dls_configuration: true }), replies: [wrongType('bool', 'dls_configuration', 'models.DlsConfiguration')] },
    { why: 'an array for a struct', request: station({ dls_configuration: [] }), replies: [wrongType('array', 'dls_configuration', 'models.DlsConfiguration')] },
    { why: 'the first of two wrong types is told', request: `{"retention_value":"x","name":5}`, replies: [wrongType('string', 'retention_value', 'int')] },
    { why: 'an error of syntax is told before any wrong type', request: `{"name":5,"username":}`, replies: ["invalid character '}' looking for beginning of value"] },
    { why: 'a fraction is no int', request: station({ partitions_number: 1.5 }), replies: [wrongType('number 1.5', 'partitions_number', 'int')] },
    { why: 'nor is 1.0', request: `{"name":"d-x","partitions_number":1.0}`, replies: [wrongType('number 1.0', 'partitions_number', 'int')] },
    { why: 'a number with a leading zero ends after the zero', request: `{"partitions_number":01}`, replies: ["invalid character '1' after object key:value pair"] },
    { why: 'tenant_name is overwritten, but it is a field with a type', request: station({ tenant_name: 5 }), replies: [wrongType('number', 'tenant_name', 'string')] },
    { why: 'true for a text', request: station({ dls_station: true }), replies: [wrongType('bool', 'dls_station', 'string')] },
    { why: 'an object for a text', request: station({ username: {} }), replies: [wrongType('object', 'username', 'string')] },
    { why: 'a whole number below int64', request: `{"replicas":-9223372036854775809}`, replies: [wrongType('number -9223372036854775809', 'replicas', 'int')] },
    { why: 'what follows the value', request: `{}{}`, replies: ["invalid character '{' after top-level value"] },
    { why: 'a byte order mark', request: '\ufeff{}', replies: ["invalid character '\u00ef' looking for beginning of value"] },
    { why: 'a control character in a text', request: '{"name":"a\tb"}', replies: ["invalid character '\\t' in string literal"] },
    { why: 'blanks alone are the end of input', request: ' \n', replies: ['unexpected end of JSON input'] },
    { why: 'a word that is none', request: '{"name":nul}', replies: ["invalid character '}' in literal null (expecting 'l')"] },
    { why: 'an escape that is none', request: '{"name":"\\x"}', replies: ["invalid character 'x' in string escape code"] },
    { why: 'an apostrophe', request: "{'name':1}", replies: ["invalid character '\\'' looking for beginning of object key string"] },
    // Numbers that the database refuses.
    { why: 'a retention just below the overflow of nanoseconds reaches the database', request: station({ retention_type: 'message_age_sec', retention_value: 9_223_372_036 }), replies: [tooLarge(2, 9_223_372_036)] },
    { why: 'a negative value of ack_based is kept, as long as it fits', request: station({ name: 'd-y', retention_type: 'ack_based', retention_value: -2_147_483_649 }), replies: ['failed to encode args[2]: unable to encode -2147483649 into binary format for int4 (OID 23): -2147483649 is less than minimum value for int4'] },
    { why: 'the greatest int64 is told in all its digits', request: '{"name":"d-z","username":"root","partitions_number":1,"retention_type":"ack_based","retention_value":9223372036854775807}', replies: ['failed to encode args[2]: unable to encode 9223372036854775807 into binary format for int4 (OID 23): 9223372036854775807 is greater than maximum value for int4'] },
    { why: 'the greatest number of messages is a limit the server takes', request: '{"name":"d-w","username":"root","partitions_number":1,"retention_type":"messages","retention_value":9223372036854775807}', replies: ['failed to encode args[2]: unable to encode 9223372036854775807 into binary format for int4 (OID 23): 9223372036854775807 is greater than maximum value for int4'] },
    { why: 'the least int64, too', request: '{"name":"d-x","username":"root","partitions_number":-9223372036854775808}', replies: ['cannot create station with -9223372036854775808 partitions (max:10000 min:1): Station -  d-x, '] },
  ]);
});

describe('station destruction', () => {
  replay('$memphis_station_destructions', [
    { why: 'the name is checked before the tenant', request: { station_name: 'a b', username: 'root$99' }, replies: [characters('Station')] },
    { why: 'the tenant is checked before existence', request: { station_name: 'd-none', username: 'root$99' }, replies: ['removeStationDirectIntern: Station d-none: Tenant with id 99 does not exist'] },
    { why: 'tenant_name has a type here, too', request: { station_name: 'd-none', tenant_name: [] }, replies: ['json: cannot unmarshal array into Go struct field destroyStationRequest.tenant_name of type string'] },
  ]);
  test('rights are not enforced', async () => {
    await golden.createStation({ name: 'd-gone', partitions_number: 1 });
    const request = { station_name: 'D-GONE', username: 'limited' };
    expect(await golden.manage('$memphis_station_destructions', JSON.stringify(request))).toEqual(['']);
    expect((await golden.stations()).has('d-gone')).toBe(false);
  });
});

describe('producer creation', () => {
  const producer = (more: JsonObject): JsonObject => ({ name: 'p', station_name: 'd-st', connection_id: 'c', producer_type: 'application', req_version: 4, username: 'root', app_id: 'a', sdk_lang: 'node.js', ...more });
  replay('$memphis_producer_creations', [
    { why: 'a name of U+0130 is i', request: producer({ name: '\u0130', producer_type: 'x' }), replies: [producerRefusal('producer type has to be one of the following application/connector')] },
    { why: 'the name comes before the type', request: producer({ name: '.p', producer_type: 'x' }), replies: [producerRefusal(ends('Producer'))] },
    { why: 'the type comes before the user', request: producer({ producer_type: '', username: 'nobody' }), replies: [producerRefusal('producer type has to be one of the following application/connector')] },
    { why: 'the user comes before the station', request: producer({ username: 'nobody', station_name: 'd-none' }), replies: [producerRefusal('User nobody does not exist')] },
    { why: 'the suffix of the tenant is not stripped', request: producer({ username: 'root$1' }), replies: [producerRefusal('User root$1 does not exist')] },
    { why: 'the user is matched exactly', request: producer({ username: 'Root' }), replies: [producerRefusal('User Root does not exist')] },
    { why: 'the version comes before rights', request: producer({ username: 'limited', req_version: 1 }), replies: [producerRefusal('to produce to this station please upgrade your SDK version')] },
    { why: 'the station of a refusal is told in lower case', request: producer({ username: 'limited', station_name: 'D-St' }), replies: [producerRefusal('user limited is not allowed to access station d-st')] },
    { why: 'a default station needs the right to create it', request: producer({ username: 'limited', station_name: 'D-None' }), replies: [producerRefusal('user limited is not allowed to create station d-none')] },
    { why: 'signs of HTML are escaped', request: producer({ username: '<&>' }), replies: [producerRefusal('User <&> does not exist').replace('<&>', '\\u003c\\u0026\\u003e')] },
    { why: 'control characters are escaped as Go escapes them', request: producer({ username: '\b\f\n\r\t\u0001\u2028\u007f' }), replies: [producerRefusal('User X does not exist').replace('X', '\\u0008\\u000c\\n\\r\\t\\u0001\\u2028\u007f')] },
    { why: 'a negative version is an old one', request: producer({ req_version: -1 }), replies: [producerRefusal('to produce to this station please upgrade your SDK version')] },
  ]);
  test('every byte that is no UTF-8 becomes a character of its own', async () => {
    const text = JSON.stringify(producer({ username: '@' }));
    const [before = '', after = ''] = text.split('@');
    const payload = Buffer.concat([Buffer.from(before), Buffer.from([0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x98]), Buffer.from(after)]);
    const reply = await golden.nats.request('$memphis_producer_creations', payload, { timeout: 5_000 });
    expect(reply.string()).toBe(producerRefusal('User \ufffd\ufffdA\ufffd\ufffd\ufffd does not exist'));
  });
});

describe('consumer creation', () => {
  const consumer = (more: JsonObject): JsonObject => ({ name: 'c', station_name: 'd-st', connection_id: 'c', consumer_type: 'application', consumers_group: 'g', max_ack_time_ms: 30_000, max_msg_deliveries: 2, username: 'root', start_consume_from_sequence: 1, last_messages: -1, req_version: 4, app_id: 'a', sdk_lang: 'node.js', ...more });
  const ok = consumerReply([1, 2]);
  const none = consumerReply([]);
  const type = 'consumer type has to be one of the following application/connector and not ';
  replay('$memphis_consumer_creations', [
    { why: 'the start comes before everything', request: consumer({ name: '', start_consume_from_sequence: 0, last_messages: -2 }), replies: ['startConsumeFromSequence has to be a positive number'] },
    { why: 'a missing start is 0', request: { name: 'c', station_name: 'd-st' }, replies: ['startConsumeFromSequence has to be a positive number'] },
    { why: 'last_messages comes before the pair', request: consumer({ start_consume_from_sequence: 5, last_messages: -3 }), replies: ['min value for LastMessages is -1'] },
    { why: 'start and last exclude each other also when last is 0', request: consumer({ start_consume_from_sequence: 2, last_messages: 0 }), replies: ["consumer creation options can't contain both startConsumeFromSequence and lastMessages"] },
    { why: 'the pair is looked at before names', request: consumer({ name: '', start_consume_from_sequence: 2, last_messages: 1 }), replies: ["consumer creation options can't contain both startConsumeFromSequence and lastMessages"] },
    { why: 'the name comes before the group', request: consumer({ name: '', consumers_group: 'a b' }), replies: ['Consumer name can not be empty', none] },
    { why: 'a group that begins with a dot', request: consumer({ consumers_group: '.g' }), replies: [ends('Consumer'), none] },
    { why: 'the type is told in lower case', request: consumer({ consumer_type: 'APP' }), replies: [`${type}app`, none] },
    { why: 'the type may be written in any case', request: consumer({ consumer_type: 'CONNECTOR', consumers_group: 'gc' }), replies: [ok] },
    { why: 'the user comes before the version', request: consumer({ username: 'nobody', req_version: 0 }), replies: ['user does not exist', none] },
    { why: 'the version comes before rights', request: consumer({ username: 'limited', req_version: 1 }), replies: ['to consume from this station please upgrade your SDK version', none] },
    { why: 'the station of a refusal is told as sent', request: consumer({ username: 'limited', station_name: 'D-ST' }), replies: ['user limited is not allowed to access station D-ST', none] },
    { why: 'rights are looked up for the name as sent', request: consumer({ username: 'limited', station_name: 'Allowed' }), replies: ['user limited is not allowed to access station Allowed', consumerReply([])] },
    { why: 'and given for the same name in lower case', request: consumer({ username: 'limited', station_name: 'allowed' }), replies: [consumerReply([1])] },
    { why: 'a default station needs the right to create it', request: consumer({ username: 'limited', station_name: 'd-none' }), replies: ['user limited is not allowed to create station d-none', inJson('[tenant: $memphis]Station  does not exist')] },
    { why: 'an ack time that the database refuses', request: consumer({ consumers_group: 'g1', max_ack_time_ms: 2_147_483_648 }), replies: [tooLarge(4, 2_147_483_648), none] },
    { why: 'deliveries that the database refuses', request: consumer({ consumers_group: 'g2', max_msg_deliveries: 2_147_483_648 }), replies: [tooLarge(7, 2_147_483_648), none] },
    { why: 'a start that the database refuses is told as Go prints a uint64', request: consumer({ consumers_group: 'g3', start_consume_from_sequence: 4_294_967_296 }), replies: [tooLarge(8, 4_294_967_296, '0x100000000'), none] },
    { why: 'the greatest start is one that the server takes and the database cannot even read', request: `{"name":"c","station_name":"d-st","consumer_type":"application","consumers_group":"g9","username":"root","start_consume_from_sequence":18446744073709551615,"last_messages":-1,"req_version":4}`, replies: ['failed to encode args[8]: unable to encode 0xffffffffffffffff into binary format for int4 (OID 23): 18446744073709551615 is greater than maximum value for int64', none] },
    { why: 'last messages that the database refuses', request: consumer({ consumers_group: 'g4', last_messages: 2_147_483_648 }), replies: [tooLarge(9, 2_147_483_648), none] },
    { why: 'a wrong type in a field of all forms is told of the oldest', request: consumer({ connection_id: 1 }), replies: [inJson('json: cannot unmarshal number into Go struct field createConsumerRequestV0.connection_id of type string')] },
    { why: 'the oldest form has no start, so that 0 is no mistake there', request: consumer({ consumers_group: 'g5', start_consume_from_sequence: 0, last_messages: 'x' }), replies: [''] },
    { why: 'a refusal of the oldest form is one message', request: consumer({ name: '', last_messages: 'x' }), replies: ['Consumer name can not be empty'] },
  ]);
});

describe('producer and consumer destruction', () => {
  const gone = { name: 'x', station_name: 'd-st', username: 'root', connection_id: 'c', req_version: 1 };
  replay('$memphis_producer_destructions', [
    { why: 'a producer without a name is simply not there', request: { ...gone, name: '' }, replies: [''] },
    { why: 'an empty station name', request: { ...gone, station_name: '' }, replies: ['Station name can not be empty'] },
    { why: 'a wrong type in a field of the newer form alone is read in the older one', request: { ...gone, req_version: '1' }, replies: [''] },
    { why: 'so is one in the id of the connection', request: { ...gone, connection_id: 1 }, replies: [''] },
    { why: 'a wrong type in a field of both forms is told of the older', request: { ...gone, name: 1 }, replies: ['json: cannot unmarshal number into Go struct field destroyProducerRequestV0.name of type string'] },
  ]);
  replay('$memphis_consumer_destructions', [
    { why: 'names are told as sent', request: { ...gone, name: 'X', station_name: 'D-ST' }, replies: ['Consumer X at station D-ST does not exist'] },
    { why: 'an illegal station name (by analogy with producers)', request: { ...gone, station_name: 'a b' }, replies: [characters('Station')] },
    { why: 'an empty station name (by analogy with producers)', request: { ...gone, station_name: '' }, replies: ['Station name can not be empty'] },
    { why: 'a wrong type in a field of the newer form alone is read in the older one', request: { ...gone, req_version: '1' }, replies: ['Consumer x at station d-st does not exist'] },
    { why: 'a wrong type in a field of both forms is told of the older', request: { ...gone, username: 1 }, replies: ['json: cannot unmarshal number into Go struct field destroyConsumerRequestV0.username of type string'] },
  ]);
});

describe('schemas', () => {
  const schema = (more: JsonObject): JsonObject => ({ name: 'd-sch', type: 'json', created_by_username: 'root', schema_content: '{}', message_struct_name: '', ...more });
  replay('$memphis_schema_creations', [
    { why: 'content is looked at before the type', request: schema({ type: 'xml', schema_content: '' }), replies: [inJson('your schema content is invalid')] },
    { why: 'a schema', request: schema({}), replies: [inJson('')] },
    { why: 'the type is compared before the database sees it', request: schema({ type: 'JSON' }), replies: [inJson('d-sch already exist with type - json')] },
    { why: 'an unknown type of an existing schema', request: schema({ type: '' }), replies: [inJson('d-sch already exist with type - json')] },
    { why: 'names are told as sent, escaped for HTML', request: schema({ name: '<b>' }), replies: [inJson('')] },
    { why: 'the same content again', request: schema({ name: '<b>' }), replies: ['{"error":"\\u003cb\\u003e already exists in the db with the same schema content"}'] },
    { why: 'an empty object has no content', request: {}, replies: [inJson('your schema content is invalid')] },
  ]);
  replay('$memphis_schema_attachments', [
    { why: 'the station comes before the schema', request: { name: 'nope', station_name: 'Nope' }, replies: ['memphis: Station nope does not exist'] },
    { why: 'names of schemas are not checked', request: { name: 'A b', station_name: 'd-st' }, replies: ['Schema a b does not exist'] },
    { why: 'wrong types have the prefix, too', request: { name: 1 }, replies: ['failed attaching schema : json: cannot unmarshal number into Go struct field attachSchemaRequest.name of type string'] },
  ]);
  replay('$memphis_schema_detachments', [
    { why: 'an illegal name', request: { station_name: '_a' }, replies: [ends('Station')] },
    { why: 'a missing name', request: {}, replies: ['Station name can not be empty'] },
  ]);
});
