import type { SchemaType } from '../../../src/schema';

export interface SchemaCase {
  readonly type: SchemaType;
  readonly content: string;
  /** A value that fits, and one that does not. */
  readonly valid: unknown;
  readonly invalid: unknown;
  /** Bytes that do not fit. */
  readonly invalidBytes: Buffer;
}

const protobuf = 'syntax = "proto3"; message T { int32 a = 1; string b = 2; }';

/** For each type a schema and messages for it. */
export const schemaCases: readonly SchemaCase[] = [
  {
    type: 'json',
    content: '{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}',
    valid: { a: 1, b: 'x' },
    invalid: { a: 'x' },
    invalidBytes: Buffer.from('{"a":"x"}'),
  },
  {
    type: 'avro',
    content: '{"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]}',
    valid: { a: 1, b: 'x' },
    invalid: { a: 'x', b: 'x' },
    invalidBytes: Buffer.from('{"a":"x","b":"x"}'),
  },
  {
    type: 'protobuf',
    content: protobuf,
    valid: { a: 7, b: 'x' },
    invalid: { a: 'x' },
    // A wire type that does not exist. Text that is shorter than it says would pass the JavaScript client, which also writes
    // bytes below 16 in a way that no broker can read when it records them.
    invalidBytes: Buffer.from([0x1f]),
  },
  {
    type: 'graphql',
    content: 'type Query { a: Int }',
    valid: '{ a }',
    invalid: '{ b }',
    invalidBytes: Buffer.from('{ b }'),
  },
];
