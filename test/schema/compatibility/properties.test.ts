import avsc from 'avsc';
import fc from 'fast-check';
import { compileSchema, messageGenerator, schemaProblems } from '../../../src/schema';
import { compatibilityProblems } from '../../../src/schema/compatibility/compatibility';
import type { ComparedSchema } from '../../../src/schema/compatibility/compatibility';
import { many } from '../../support/random';

const of =
  (type: ComparedSchema['type']) =>
  (content: unknown): ComparedSchema => ({
    type,
    content: JSON.stringify(content),
  });

const limit = fc.integer({ min: 0, max: 3 });
const optional = { requiredKeys: [] as [] };

/** Small JSON schemas of few words, so that two of them are often compatible. */
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(true, { type: 'null' }, { type: ['string', 'null'] }, { const: 1 }, { enum: ['a', 2] }),
    fc.record(
      { type: fc.constantFrom('integer', 'number'), minimum: limit, multipleOf: fc.constantFrom(1, 2) },
      optional,
    ),
    fc.record(
      { type: fc.constant('string'), minLength: limit, maxLength: fc.integer({ min: 3, max: 5 }) },
      optional,
    ),
    fc.record({ type: fc.constant('array'), items: tie('json'), maxItems: limit }, optional),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.record({ a: tie('json'), b: tie('json') }, optional),
        required: fc.subarray(['a', 'b']),
        additionalProperties: fc.oneof(fc.boolean(), tie('json')),
      },
      optional,
    ),
    fc.record({ patternProperties: fc.record({ '^a': tie('json') }), additionalProperties: fc.boolean() }),
    fc.array(tie('json'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.tuple(tie('json'), tie('json')).map((allOf) => ({ allOf })),
    fc
      .tuple(tie('json'), tie('json'))
      .map(([part, rest]) => ({ $defs: { part }, oneOf: [{ type: 'null' }, rest] })),
  ),
}));

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'];

/** Small Avro schemas; what has a name gets it from its place, so that each is there once. */
function avro(name: string, depth: number): fc.Arbitrary<unknown> {
  const primitive = fc.constantFrom(...primitives);
  if (depth === 0) return primitive;
  const inner = (part: string) => avro(`${name}${part}`, depth - 1);
  const field = (part: string, given: string) =>
    fc
      .tuple(inner(part), fc.boolean())
      .map(([type, isOptional]) =>
        isOptional
          ? { name: given, type: ['null', ...branches(type)], default: null }
          : { name: given, type },
      );
  return fc.oneof(
    { weight: 2, arbitrary: primitive },
    inner('I').map((items) => ({ type: 'array', items })),
    inner('V').map((values) => ({ type: 'map', values })),
    fc
      .subarray(['A', 'B', 'C'], { minLength: 1 })
      .map((symbols) => ({ type: 'enum', name: `${name}E`, symbols })),
    fc.subarray(primitives, { minLength: 1, maxLength: 3 }),
    {
      weight: 4,
      arbitrary: fc
        .tuple(field('X', 'a'), field('Y', 'b'), fc.subarray([0, 1], { minLength: 1 }))
        .map(([a, b, chosen]) => ({
          type: 'record',
          name: `${name}R`,
          fields: chosen.map((index) => [a, b][index]),
        })),
    },
  );
}

const branches = (type: unknown): unknown[] =>
  type === 'null' ? [] : Array.isArray(type) ? (type as unknown[]).filter((each) => each !== 'null') : [type];

const isValid = ({ type, content }: ComparedSchema): boolean => schemaProblems(type, content).length === 0;

const arbitraries = {
  json: fc.tuple(json, json).map((pair) => pair.map(of('json'))),
  avro: fc.tuple(avro('N', 3), avro('N', 3)).map((pair) => pair.map(of('avro'))),
} as const;

/** Messages of a schema; none where the generator finds none. */
function messagesOf(schema: ComparedSchema, seed: number): Uint8Array[] {
  try {
    const message = messageGenerator(schema, seed);
    return [0, 1, 2, 3, 4, 5].map(message);
  } catch {
    return [];
  }
}

describe.each(Object.entries(arbitraries))('%s', (type, arbitrary) => {
  const pairs = arbitrary.filter((pair) => pair.every(isValid));

  test('a schema is compatible with itself, whatever its order of keys and titles', () => {
    fc.assert(
      fc.property(pairs, ([schema]) => {
        if (schema === undefined) return;
        const parsed = JSON.parse(schema.content) as unknown;
        const titled =
          typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
            ? { ...parsed, doc: 'x' }
            : parsed;
        const changed = type === 'avro' ? of('avro')(titled) : schema;
        expect(compatibilityProblems('backward', schema, changed)).toEqual([]);
        expect(compatibilityProblems('forward', schema, changed)).toEqual([]);
      }),
      { numRuns: many(100) },
    );
  });

  test('backward of a change is forward of its reverse', () => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        if (one === undefined || other === undefined) return;
        expect(compatibilityProblems('backward', one, other)).toEqual(
          compatibilityProblems('forward', other, one),
        );
      }),
      { numRuns: many(100) },
    );
  });

  test('where a schema is said to be backward compatible, it takes the messages of the former one', () => {
    let checked = 0;
    fc.assert(
      fc.property(pairs, fc.integer(), ([former, changed], seed) => {
        if (former === undefined || changed === undefined) return;
        if (compatibilityProblems('backward', former, changed).length > 0) return;
        const reader = compileSchema(changed);
        for (const message of messagesOf(former, seed)) {
          checked += 1;
          expect([Buffer.from(message).toString(), reader.decode(message).matched]).toEqual([
            Buffer.from(message).toString(),
            true,
          ]);
        }
        if (type === 'avro') expect(() => resolver(changed, former)).not.toThrow();
      }),
      { numRuns: many(800) },
    );
    expect(checked).toBeGreaterThan(100);
  });
});

/** The reader of the reference library; it throws where Avro's own rules cannot resolve the two. */
function resolver(reader: ComparedSchema, writer: ComparedSchema): unknown {
  const typeOf = ({ content }: ComparedSchema) => avsc.Type.forSchema(JSON.parse(content) as avsc.Schema);
  return typeOf(reader).createResolver(typeOf(writer));
}
