import fc from 'fast-check';

import {
  bool,
  decodeLeniently,
  decodeStruct,
  int,
  int64,
  slice,
  string,
  stringMap,
  struct,
  uint64,
} from '../../../../src/runtime/broker/go/struct-decoder';
import { many } from '../../../support/random';

const request = struct('server.createStationRequest', {
  name: string,
  retention_value: int,
  idempotency_window_in_ms: int64,
  start: uint64,
  dls_configuration: struct('models.DlsConfiguration', { poison: bool, schemaverse: bool }),
  tags: slice(struct('models.CreateTag', { name: string, color: string })),
  headers: stringMap,
});

const nothing = {
  name: '',
  retention_value: 0,
  idempotency_window_in_ms: 0,
  start: 0,
  dls_configuration: { poison: false, schemaverse: false },
  tags: undefined,
  headers: undefined,
};

const decode = (text: string) => decodeStruct(request, Buffer.from(text));

describe('what is read', () => {
  test.each<[text: string, expected: object, why: string]>([
    ['{}', nothing, 'missing keys are zero values'],
    ['null', nothing, 'null is the empty object'],
    [' \t\r\n{ }\n', nothing, 'white space counts nowhere'],
    ['{"name":"a","name":"b"}', { ...nothing, name: 'b' }, 'the last of duplicate keys wins'],
    ['{"name":"a","name":null}', { ...nothing, name: 'a' }, 'null changes nothing'],
    ['{"NAME":"a"}', { ...nothing, name: 'a' }, 'letter case of keys does not count'],
    ['{"\u212a":1,"tag\u017f":[]}', { ...nothing, tags: [] }, 'the long s is an s to Go'],
    [
      '{"dls_configuration":{"poison":true}}',
      { ...nothing, dls_configuration: { poison: true, schemaverse: false } },
      'nested',
    ],
    [
      '{"dls_configuration":{"poison":true},"dls_configuration":{"schemaverse":true}}',
      { ...nothing, dls_configuration: { poison: true, schemaverse: true } },
      'a struct that comes twice is filled twice',
    ],
    [
      '{"tags":[{"name":"a"},{}]}',
      {
        ...nothing,
        tags: [
          { name: 'a', color: '' },
          { name: '', color: '' },
        ],
      },
      'lists',
    ],
    ['{"tags":null}', nothing, 'a null list is no list'],
    ['{"headers":{"a":"b"}}', { ...nothing, headers: { a: 'b' } }, 'maps'],
    ['{"name":"\\ud83d\\ude42 \\u00e4"}', { ...nothing, name: '\u{1f642} \u00e4' }, 'escapes'],
    ['{"name":"\\ud83d"}', { ...nothing, name: '\ufffd' }, 'half a surrogate pair'],
    [
      '{"x":[{"y":[1,{"z":"]}"}]}],"name":"a"}',
      { ...nothing, name: 'a' },
      'unknown keys of any depth are passed over',
    ],
  ])('%s', (text, expected, _why) => {
    expect(decode(text)).toEqual(expected);
  });
});

describe('what is wrong, in the words of Go', () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{"name":"x', 'unexpected end of JSON input'],
    ['{"name"', 'unexpected end of JSON input'],
    ['NATS/1.0', "invalid character 'N' looking for beginning of value"],
    ['{"name":"x",}', "invalid character '}' looking for beginning of object key string"],
    ['{name:1}', "invalid character 'n' looking for beginning of object key string"],
    ['{"name" "x"}', `invalid character '"' after object key`],
    ['{"name":"x" "y"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} {}', "invalid character '{' after top-level value"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":-x}', "invalid character 'x' in numeric literal"],
    ['{"a":1.x}', "invalid character 'x' after decimal point in numeric literal"],
    ['{"a":1ex}', "invalid character 'x' in exponent of numeric literal"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":nul', 'unexpected end of JSON input'],
    ['{"a":"\\x"}', "invalid character 'x' in string escape code"],
    ['{"a":"\\u00g0"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ['{"a":"\n"}', "invalid character '\\n' in string literal"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['\u00e4', "invalid character '\u00c3' looking for beginning of value"],
    ['\u0000', "invalid character '\\x00' looking for beginning of value"],
    ['['.repeat(10_001), 'exceeded max depth'],
    ['"x"', 'json: cannot unmarshal string into Go value of type server.createStationRequest'],
    ['[]', 'json: cannot unmarshal array into Go value of type server.createStationRequest'],
    [
      '{"name":{}}',
      'json: cannot unmarshal object into Go struct field createStationRequest.name of type string',
    ],
    [
      '{"NAME":true}',
      'json: cannot unmarshal bool into Go struct field createStationRequest.name of type string',
    ],
    [
      '{"retention_value":1.0}',
      'json: cannot unmarshal number 1.0 into Go struct field createStationRequest.retention_value of type int',
    ],
    [
      '{"idempotency_window_in_ms":9223372036854775808}',
      'json: cannot unmarshal number 9223372036854775808 into Go struct field createStationRequest.idempotency_window_in_ms of type int64',
    ],
    [
      '{"start":-1}',
      'json: cannot unmarshal number -1 into Go struct field createStationRequest.start of type uint64',
    ],
    [
      '{"dls_configuration":[]}',
      'json: cannot unmarshal array into Go struct field createStationRequest.dls_configuration of type models.DlsConfiguration',
    ],
    [
      '{"dls_configuration":{"poison":1}}',
      'json: cannot unmarshal number into Go struct field DlsConfiguration.dls_configuration.poison of type bool',
    ],
    [
      '{"dls_configuration":{},"name":1}',
      'json: cannot unmarshal number into Go struct field createStationRequest.name of type string',
    ],
    [
      '{"tags":[{"name":1}]}',
      'json: cannot unmarshal number into Go struct field CreateTag.tags.name of type string',
    ],
    [
      '{"tags":{}}',
      'json: cannot unmarshal object into Go struct field createStationRequest.tags of type []models.CreateTag',
    ],
    [
      '{"name":1,"retention_value":"x"}',
      'json: cannot unmarshal number into Go struct field createStationRequest.name of type string',
    ],
  ])('%s', (text, message) => {
    expect(() => decode(text)).toThrow(new Error(message));
  });
});

test('what fits is kept beside the error, as Go keeps it', () => {
  const { value, error } = decodeLeniently(request, Buffer.from('{"start":-1,"name":"a"}'));
  expect(error?.message).toContain('start');
  expect(value).toEqual({ ...nothing, name: 'a' });
});

test('a request body may be followed by anything, a NATS request by nothing', () => {
  expect(decodeStruct(request, Buffer.from('{"name":"a"} x'), 'ignore')).toEqual({ ...nothing, name: 'a' });
});

/** Any JSON that JSON.parse takes is read, and everything else is refused. */
test('agrees with JSON.parse on what is JSON', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.string(), fc.stringMatching(/^[[\]{}",:0-9eE.+\-a-z\\ ]{0,30}$/)),
      (text) => {
        const isJson = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const { error } = decodeLeniently(request, Buffer.from(text));
        const isRead = error === undefined || error.message.startsWith('json: cannot unmarshal');
        expect(isRead).toBe(isJson);
      },
    ),
    { numRuns: many(1000) },
  );
});

/** Unknown keys anywhere, keys in any letter case: the same request. */
test('reads a request with changed key case and unknown keys as before', () => {
  const valid = fc.record({
    name: fc.string(),
    retention_value: fc.integer(),
    idempotency_window_in_ms: fc.maxSafeInteger(),
    dls_configuration: fc.record({ poison: fc.boolean(), schemaverse: fc.boolean() }),
  });
  const unknownKey = fc
    .string()
    .filter(
      (key) =>
        !/^(name|retention_value|idempotency_window_in_ms|start|dls_configuration|tags|headers)$/i.test(
          key.replaceAll('\u017f', 's'),
        ) && key !== '__proto__',
    );
  fc.assert(
    fc.property(
      valid,
      fc.dictionary(unknownKey, fc.jsonValue()),
      fc.infiniteStream(fc.boolean()),
      (plain, unknown, coin) => {
        const changed = Object.entries({ ...unknown, ...plain }).map(([key, value]) => [
          key in plain
            ? Array.from(key)
                .map((char) => (coin.next().value === true ? char.toUpperCase() : char))
                .join('')
            : key,
          value,
        ]);
        expect(decode(JSON.stringify(Object.fromEntries(changed)))).toEqual({ ...nothing, ...plain });
      },
    ),
  );
});

/** A value of another JSON type in one place of a valid request: Go's text names the place and both types. */
test('says of a value of another type where it stands and what was expected', () => {
  const fields = [
    ['name', 'string', 'createStationRequest.name'],
    ['retention_value', 'int', 'createStationRequest.retention_value'],
    ['idempotency_window_in_ms', 'int64', 'createStationRequest.idempotency_window_in_ms'],
    ['start', 'uint64', 'createStationRequest.start'],
    ['dls_configuration', 'models.DlsConfiguration', 'createStationRequest.dls_configuration'],
    ['tags', '[]models.CreateTag', 'createStationRequest.tags'],
    ['headers', 'map[string]string', 'createStationRequest.headers'],
  ] as const;
  const values = [
    ['string', fc.string()],
    ['bool', fc.boolean()],
    ['number', fc.nat()],
    ['array', fc.array(fc.jsonValue())],
    ['object', fc.dictionary(fc.string(), fc.constant(null))],
  ] as const;
  const accepted: Readonly<Record<string, string>> = {
    string: 'string',
    int: 'number',
    int64: 'number',
    uint64: 'number',
    'models.DlsConfiguration': 'object',
    '[]models.CreateTag': 'array',
    'map[string]string': 'object',
  };
  for (const [field, type, place] of fields) {
    for (const [kind, arbitrary] of values) {
      if (accepted[type] === kind) continue;
      fc.assert(
        fc.property(arbitrary, (value) => {
          const { error } = decodeLeniently(request, Buffer.from(JSON.stringify({ [field]: value })));
          expect(error?.message).toBe(
            `json: cannot unmarshal ${kind} into Go struct field ${place} of type ${type}`,
          );
        }),
        { numRuns: many(20) },
      );
    }
  }
});
