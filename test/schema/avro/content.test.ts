import * as avsc from 'avsc';
import { schemaContentProblem, schemaProblems } from '../../../src/schema';

const record = (...fields: unknown[]): unknown => ({ type: 'record', name: 'R', fields });
const int = { name: 'a', type: 'int' };

/** Whether another reader of Avro schemas takes a schema. */
function takenByAvsc(schema: unknown): boolean {
  try {
    avsc.Type.forSchema(schema as avsc.Schema, { noAnonymousTypes: true, wrapUnions: true });
    return true;
  } catch {
    return false;
  }
}

describe('Avro schemas that are legal', () => {
  it.each<[string, unknown]>([
    ['a primitive type', 'string'],
    ['a primitive type as an object', { type: 'long' }],
    ['a record', record(int)],
    ['a record without fields', record()],
    ['an error is a record', { type: 'error', name: 'E', fields: [] }],
    ['unknown attributes are kept for others', { ...(record(int) as object), owner: 'me' }],
    ['a record that holds itself', record({ name: 'next', type: ['null', 'R'], default: null })],
    [
      'a type used again by its name',
      record({ name: 'a', type: { type: 'fixed', name: 'F', size: 2 } }, { name: 'b', type: 'F' }),
    ],
    [
      'names in a namespace',
      {
        ...(record(
          { name: 'a', type: { type: 'enum', name: 'E', symbols: ['A'] } },
          { name: 'b', type: 'n.E' },
        ) as object),
        namespace: 'n',
      },
    ],
    ['a name that holds its namespace', { type: 'fixed', name: 'x.y.F', size: 1 }],
    ['an enum with a default', { type: 'enum', name: 'E', symbols: ['A', 'B'], default: 'B' }],
    ['an array', { type: 'array', items: 'string' }],
    ['a map', { type: 'map', values: ['null', 'int'] }],
    ['a union', ['null', 'string']],
    ['a logical type', { type: 'long', logicalType: 'timestamp-millis' }],
    ['a logical type that nobody knows', { type: 'string', logicalType: 'colour' }],
    ['a logical type on a type that it does not fit', { type: 'string', logicalType: 'date' }],
    [
      'a default of each kind',
      record(
        { name: 'a', type: 'bytes', default: '\u00ff' },
        { name: 'b', type: { type: 'map', values: 'int' }, default: { x: 1 } },
      ),
    ],
    ['a default of the first branch of a union', record({ name: 'a', type: ['int', 'null'], default: 5 })],
    [
      'a default of a record that is not complete yet',
      record({ name: 'a', type: { type: 'array', items: 'R' }, default: [] }),
    ],
    ['docs, aliases and orders', record({ ...int, doc: 'x', aliases: ['old'], order: 'descending' })],
  ])('%s', (_, schema) => {
    expect(schemaProblems('avro', JSON.stringify(schema))).toEqual([]);
    expect(takenByAvsc(schema)).toBe(true);
  });

  it('null of JSON, which the broker reads as the name of the type', () => {
    expect(schemaContentProblem('avro', 'null')).toBeUndefined();
  });

  it('the bare name of a type, which the broker takes though it is no JSON', () => {
    expect(schemaContentProblem('avro', 'string')).toBeUndefined();
    expect(schemaContentProblem('avro', ' string')).toMatch(/unknown type/);
  });
});

describe('Avro schemas that are not legal', () => {
  it.each<[string, unknown, ...string[]]>([
    ['a number', 5, '#: unknown type: 5'],
    ['a doc that is not a string', record({ ...int, doc: 1 }), '#/fields/0/doc: doc must be a string'],
    [
      'a logical type that is not a string',
      { type: 'int', logicalType: {} },
      '#/logicalType: logicalType must be a string',
    ],
    ['an object without a type', {}, '#: unknown type: {}'],
    ['a type in a type', { type: { type: 'int' } }, '#: unknown type: {"type":{"type":"int"}}'],
    ['an unknown type', { type: 'foo' }, '#/type: unknown type: foo'],
    ['a record without fields', { type: 'record', name: 'R' }, '#: record must have an array of fields'],
    ['a record without a name', { type: 'record', fields: [] }, '#: record must have a name'],
    ['a name with a dash', { type: 'record', name: 'a-b', fields: [] }, '#/name: invalid name "a-b"'],
    [
      'a namespace with a dash',
      { type: 'fixed', name: 'F', namespace: 'a-b', size: 1 },
      '#/name: invalid name "a-b.F"',
    ],
    ['a name that starts with a digit', { type: 'fixed', name: '1F', size: 1 }, '#/name: invalid name "1F"'],
    ['a field that is text', record('a'), '#/fields/0: field must be an object'],
    ['a field without a name', record({ type: 'int' }), '#/fields/0: field must have a name'],
    ['a field without a type', record({ name: 'a' }), '#/fields/0: field a must have a type'],
    ['a field twice', record(int, int), '#/fields/1: duplicate field: a'],
    ['a wrong order', record({ ...int, order: 'up' }), '#/fields/0/order: invalid order of field a: "up"'],
    [
      'a wrong default',
      record({ ...int, default: 'x' }),
      '#/fields/0/default: invalid default: expected int (a whole number from -2147483648 to 2147483647), found string',
    ],
    [
      'a default of the second branch',
      record({ name: 'a', type: ['null', 'int'], default: 5 }),
      '#/fields/0/default: invalid default: expected null, found number',
    ],
    [
      'an enum without symbols',
      { type: 'enum', name: 'E', symbols: [] },
      '#: enum must have a non-empty array of symbols',
    ],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, '#/symbols/1: duplicate symbol: A'],
    [
      'a symbol with a blank',
      { type: 'enum', name: 'E', symbols: ['A B'] },
      '#/symbols/0: invalid symbol: "A B"',
    ],
    [
      'an enum default that is no symbol',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'B' },
      '#/default: symbol default must be a symbol: "B"',
    ],
    ['a fixed without a size', { type: 'fixed', name: 'F' }, '#: fixed must have a size'],
    ['an array without items', { type: 'array' }, '#: array must have an items key'],
    ['a map without values', { type: 'map' }, '#: map must have a values key'],
    ['an empty union', [], '#: union must have at least one type'],
    ['a union in a union', ['null', ['int']], '#/1: union type cannot be a union'],
    ['a branch twice', ['int', 'int'], '#/1: duplicate type in union: int'],
    [
      'two arrays in a union',
      [
        { type: 'array', items: 'int' },
        { type: 'array', items: 'string' },
      ],
      '#/1: duplicate type in union: array',
    ],
    [
      'a name twice',
      record({ name: 'a', type: { type: 'fixed', name: 'R', size: 1 } }),
      '#/fields/0/type: duplicate name: R',
    ],
    [
      'a name of another namespace',
      { ...(record({ name: 'a', type: 'E' }) as object), namespace: 'n' },
      '#/fields/0/type: unknown type: E',
    ],
    [
      'a type used before it is declared',
      record({ name: 'a', type: 'F' }, { name: 'b', type: { type: 'fixed', name: 'F', size: 1 } }),
      '#/fields/0/type: unknown type: F',
    ],
    [
      'aliases that are no list',
      record({ ...int, aliases: 'b' }),
      '#/fields/0/aliases: aliases must be an array of names',
    ],
    [
      'several mistakes at once',
      record({ name: 'a', type: 'x' }, { name: 'b', type: 'y' }),
      '#/fields/0/type: unknown type: x',
      '#/fields/1/type: unknown type: y',
    ],
  ])('%s', (_, schema, ...problems) => {
    const content = JSON.stringify(schema);
    const found = schemaProblems('avro', content);
    const place = / \(line 1, column \d+\)$/;
    expect(found.map((problem) => problem.replace(place, ''))).toEqual(problems);
    for (const problem of found) expect(problem).toMatch(place);
    const first = problems[0]?.replace(/^[^ ]*: /, '') ?? '';
    expect(schemaContentProblem('avro', content)).toBe(`your Avro file is invalid: avro: ${first}`);
  });

  it('text that is no JSON, with the place', () => {
    expect(schemaProblems('avro', '{"type":\n"int",}')).toEqual([
      'line 2, column 7: expected a name in quotes, found "}"',
    ]);
  });
});
