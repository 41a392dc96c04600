import { SchemaValidationError } from '../../../../src/model/errors';
import { LiveSchema } from '../../../../src/runtime/messaging/station/live-schema';
import { needing } from '../../../support/schema-text';

const version = (versionNumber: number, content: string) => ({
  name: 's',
  type: 'json' as const,
  versionNumber,
  content,
  messageStructName: '',
  descriptor: '',
});
describe('a schema that the broker took and that cannot be used', () => {
  const schema = new LiveSchema();
  schema.replace(version(1, '{"type":"no-such-type"}'));

  test.each<[form: string, message: unknown]>([
    ['an object', { a: 1 }],
    ['bytes, which would go through without any look at them', Buffer.from('{}')],
  ])('lets nothing through: %s', (_form, message) => {
    expect(() => schema.encode(message)).toThrow(SchemaValidationError);
    expect(() => schema.encode(message)).toThrow('Correct the schema; until then no message is let through');
  });

  test('does not keep messages from those who read them', () => {
    const bytes = Buffer.from('{"a":1}');
    const decoded = schema.decode(bytes);
    expect(decoded).toMatchObject({ matched: false, bytes });
    expect(decoded).toHaveProperty('reason', expect.stringContaining('use the schema "s" (version 1)'));
  });

  test('is recorded with the bytes that would have been sent', () => {
    expect(Buffer.from(schema.failedMessageBytes({ a: 1 })).toString()).toBe('{"a":1}');
    expect(schema.failedMessageBytes(5)).toHaveLength(0);
  });

  test('is over when a good version comes', () => {
    schema.replace(version(2, needing('a')));
    expect(Buffer.from(schema.encode({ a: 1 })).toString()).toBe('{"a":1}');
  });
});

test('each version counts from the moment on that it is told', () => {
  const schema = new LiveSchema();
  expect([schema.name, schema.versionNumber]).toEqual([undefined, undefined]);
  schema.replace(version(1, needing('a')));
  schema.encode({ a: 1 });
  schema.replace(version(2, needing('b')));
  expect([schema.name, schema.versionNumber]).toEqual(['s', 2]);
  expect(() => schema.encode({ a: 1 })).toThrow(SchemaValidationError);
  // A schema that was removed and made again has its first version again, with another content.
  schema.replace(version(2, needing('c')));
  expect(() => schema.encode({ b: 1 })).toThrow(SchemaValidationError);
  schema.replace(undefined);
  expect(Buffer.from(schema.encode('anything')).toString()).toBe('anything');
});
