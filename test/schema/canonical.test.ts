import fc from 'fast-check';
import type { SchemaType } from '../../src/schema';
import { canonicalContent, schemaContentProblem } from '../../src/schema';
import { canonicalNumber } from '../../src/schema/json-text';

const record = (fields: string): string => `{"type":"record","name":"R","fields":[${fields}]}`;

describe('contents that mean the same', () => {
  it.each<[SchemaType, string, string, string]>([
    ['json', '{"a":1,"b":2}', '{ "b": 2,\r\n\t"a": 1 }\n', 'order of keys and white space'],
    ['json', '{"a":{"x":[{"p":1,"q":2}]}}', '{"a":{"x":[{"q":2,"p":1}]}}', 'order of keys at every depth'],
    ['json', '{"title":"caf\\u00e9\\/"}', '{"title":"café/"}', 'escape sequences'],
    ['json', '{"maximum":1.50e1}', '{"maximum":15}', 'ways to write a number'],
    ['json', '{"a":1,"a":2}', '{"a":2}', 'the last of two equal keys counts in every parser'],
    ['avro', record('{"name":"a","type":"int"}'), record('{ "type":"int", "name":"a" }'), 'order of keys'],
    ['protobuf', 'message A { }\r\n', 'message A { }', 'line ends, and the end of the file'],
    ['protobuf', 'message A { \n}', 'message A {\n}', 'white space at the end of a line'],
    ['graphql', 'type Query {\r  a: Int\r}\n\n\n', 'type Query {\n  a: Int\n}', 'line ends of old systems'],
  ])('%s: %j and %j: %s', (type, one, other) => {
    expect(canonicalContent(type, one)).toBe(canonicalContent(type, other));
  });
});

describe('contents that do not mean the same', () => {
  it.each<[SchemaType, string, string, string]>([
    ['json', '{"required":["a","b"]}', '{"required":["b","a"]}', 'arrays keep their order'],
    [
      'json',
      '{"const":9007199254740993}',
      '{"const":9007199254740992}',
      'numbers beyond those of JavaScript',
    ],
    ['json', '{"const":1e400}', '{"const":1e401}', 'numbers that JavaScript takes for infinite'],
    ['json', '{"const":1}', '{"const":-1}', 'the sign'],
    ['json', '{"const":"1"}', '{"const":1}', 'text and number'],
    ['json', '{"const":"a "}', '{"const":"a"}', 'white space inside of a text'],
    ['json', '{"__proto__":1}', '{}', 'a key that JavaScript objects swallow'],
    [
      'avro',
      record('{"name":"a","type":"int","doc":"x"}'),
      record('{"name":"a","type":"int"}'),
      'docs count for people',
    ],
    [
      'avro',
      record('{"name":"a","type":"int","default":0}'),
      record('{"name":"a","type":"int"}'),
      'a default decides what is legal',
    ],
    [
      'avro',
      record('{"name":"a","type":"int","aliases":["b"]}'),
      record('{"name":"a","type":"int"}'),
      'aliases decide how old data is read',
    ],
    [
      'avro',
      record('{"name":"a","type":"int"},{"name":"b","type":"int"}'),
      record('{"name":"b","type":"int"},{"name":"a","type":"int"}'),
      'fields have an order',
    ],
    ['avro', '"string"', '{"type":"string"}', 'two notations, kept apart to be on the safe side'],
    ['avro', 'string', '"string"', 'a bare name is not JSON, and only some clients take it'],
    ['protobuf', 'message A { } // x', 'message A { }', 'comments count for people'],
    ['protobuf', 'message A { }', 'message A {}', 'white space inside of a line'],
    ['protobuf', ' message A { }', 'message A { }', 'white space at the start of a line'],
    ['graphql', '# x\ntype Query { a: Int }', 'type Query { a: Int }', 'comments count for people'],
    ['graphql', 'type Query { a: Int }', '\ntype Query { a: Int }', 'an empty line in front'],
  ])('%s: %j and %j: %s', (type, one, other) => {
    expect(canonicalContent(type, one)).not.toBe(canonicalContent(type, other));
  });
});

/** JSON text of a value in one of many ways to write it. */
function written(value: unknown, random: () => number): string {
  const blank = (): string => ['', ' ', '\n', '\t', '\r\n'][Math.floor(random() * 5)] ?? '';
  const item = (one: unknown): string => blank() + written(one, random) + blank();
  if (Array.isArray(value)) return `[${value.map(item).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(() => random() - 0.5);
    return `{${members.map(([key, one]) => `${blank()}${written(key, random)}${blank()}:${item(one)}`).join(',')}}`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  const units = [...Array(value.length).keys()].map((index) => {
    const unit = value.charCodeAt(index);
    const mustEscape = unit < 32 || unit === 34 || unit === 92 || (unit >= 0xd800 && unit < 0xe000);
    return mustEscape || random() < 0.2 ? `\\u${unit.toString(16).padStart(4, '0')}` : value.charAt(index);
  });
  return `"${units.join('')}"`;
}

const random = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
const next = (stream: Iterator<number>) => (): number => stream.next().value as number;

describe('the canonical form of JSON', () => {
  it.each(['json', 'avro'] as const)('is the same for all ways to write a value (%s)', (type) => {
    fc.assert(
      fc.property(fc.jsonValue(), random, (value, stream) => {
        const canonical = canonicalContent(type, written(value, next(stream)));
        expect(canonical).toBe(canonicalContent(type, JSON.stringify(value)));
        expect(canonicalContent(type, canonical)).toBe(canonical);
        expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('differs for values that differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
        const same = fc.stringify(JSON.parse(first)) === fc.stringify(JSON.parse(second));
        fc.pre(!same || first === second);
        expect(canonicalContent('json', first) === canonicalContent('json', second)).toBe(same);
      }),
    );
  });

  it('writes a number as its value', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (value, zeros) => {
        const text = JSON.stringify(value);
        expect(Number(canonicalNumber(text))).toBe(Number(text) + 0);
        const [digits = '', power = '0'] = text.split('e');
        const longer = `${digits}${digits.includes('.') ? '' : '.'}${'0'.repeat(zeros + 1)}e${power}`;
        expect(canonicalNumber(longer)).toBe(canonicalNumber(text));
      }),
    );
  });

  it('is the content itself where that is not JSON', () => {
    expect(canonicalContent('json', '{ "a": }')).toBe('{ "a": }');
    expect(canonicalContent('avro', 'string')).toBe('string');
  });

  it('keeps the verdict of the broker', () => {
    const contents = [
      '{"type":"object"}',
      '{"type":"nonsense"}',
      'true',
      '{"maximum":1.0}',
      '5',
      '{"pattern":"("}',
    ];
    for (const content of contents) {
      const verdict = schemaContentProblem('json', content);
      expect(schemaContentProblem('json', canonicalContent('json', content))).toBe(verdict);
    }
  });
});

describe('the canonical form of text', () => {
  it.each(['protobuf', 'graphql'] as const)('is stable and keeps all but the ends of lines (%s)', (type) => {
    const line = fc.string().map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\r'), (lines, end) => {
        const canonical = canonicalContent(type, lines.join(end));
        expect(canonicalContent(type, canonical)).toBe(canonical);
        expect(canonical).toBe(canonicalContent(type, lines.map((text) => `${text} \t`).join('\n')));
        const kept = canonical.split('\n');
        lines.forEach((text, index) => expect(kept[index] ?? '').toBe(text.replace(/[ \t]+$/, '')));
      }),
    );
  });
});
