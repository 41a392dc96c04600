import fc from 'fast-check';
import { ProtocolError } from '../../../../src/model/errors';
import {
  readSchemaBroadcast,
  readSchemaUpdate,
} from '../../../../src/runtime/messaging/station/schema-update';
import { mutatedJson } from '../../../support/mutated';
import { many } from '../../../support/random';

const version = { version_number: 2, descriptor: '', schema_content: '{}', message_struct_name: '' };
const enforced = { schema_name: 's', active_version: version, type: 'json' };
const none = {
  schema_name: '',
  active_version: { version_number: 0, descriptor: '', schema_content: '', message_struct_name: '' },
  type: '',
};
const subject = '$memphis_schema_updates_orders';

test('an enforced schema is read, and the empty name as none', () => {
  const update = {
    name: 's',
    type: 'json',
    versionNumber: 2,
    content: '{}',
    messageStructName: '',
    descriptor: '',
  };
  expect(readSchemaUpdate(enforced)).toEqual(update);
  expect(readSchemaBroadcast({ UpdateType: 1, init: enforced }, subject)).toEqual(update);
  expect(readSchemaUpdate(none)).toBeUndefined();
  expect(readSchemaBroadcast({ UpdateType: 2, init: none }, subject)).toBeUndefined();
  for (const absent of [undefined, null]) expect(readSchemaUpdate(absent)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['without a name', { ...enforced, schema_name: undefined }],
  ['with a name of another type', { ...enforced, schema_name: 7 }],
  ['without a version', { ...enforced, active_version: undefined }],
  ['without its content', { ...enforced, active_version: { ...version, schema_content: undefined } }],
  ['with a version that has no number', { ...enforced, active_version: { ...version, version_number: '2' } }],
  ['of a type that is not known', { ...enforced, type: 'xml' }],
  ['that is a string', 'none'],
])('a schema %s is an error, and not "no schema", which would let every message through', (_why, update) => {
  expect(() => readSchemaUpdate(update)).toThrow(ProtocolError);
  expect(() => readSchemaBroadcast({ UpdateType: 1, init: update }, subject)).toThrow(ProtocolError);
});

test.each([{ UpdateType: 1 }, { init: null }, null, [], 'x'])(
  'the broadcast %j is an error that names it',
  (broadcast) => {
    expect(() => readSchemaBroadcast(broadcast, subject)).toThrow(`the broadcast on ${subject}`);
  },
);

test('a broadcast that is changed in any place says what it says, or is an error', () => {
  fc.assert(
    fc.property(mutatedJson({ UpdateType: 1, init: enforced }), (text) => {
      let value: { readonly init?: { readonly schema_name?: unknown } } | null;
      try {
        value = JSON.parse(text) as typeof value;
      } catch {
        return;
      }
      try {
        const update = readSchemaBroadcast(value, subject);
        expect(update?.name ?? '').toBe(value?.init?.schema_name);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: many(300) },
  );
});
