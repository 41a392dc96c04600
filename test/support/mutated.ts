import fc from 'fast-check';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** All places in a value, as lists of keys. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))];
}

function replaced(value: Json, [key, ...rest]: readonly string[], by: Json | undefined): Json | undefined {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, Json | undefined>;
  // What is undefined is left out of the JSON.
  copy[key] = replaced(copy[key] ?? null, rest, by);
  return copy as Json;
}

/** What a broker could send instead of the JSON it should: another value or none in some place of it, a part of it, or anything. */
export function mutatedJson(right: Json): fc.Arbitrary<string> {
  const wrong = fc.oneof(
    fc.constantFrom<(Json | undefined)[]>(undefined, null, '', [], {}, -1, 0.5, 'NaN', [null], [{}]),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  );
  const text = JSON.stringify(right);
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...places(right)), wrong)
        .map(([path, by]) => JSON.stringify(replaced(right, path, by) ?? '')),
    },
    { weight: 1, arbitrary: fc.nat(text.length).map((length) => text.slice(0, length)) },
    { weight: 1, arbitrary: fc.oneof(fc.string(), fc.json()) },
  );
}

/** Header blocks as they should be, nearly so, and not at all. */
export const headerBlocks: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('NATS/1.0', 'NATS/9.9', 'NOTS', ''),
      fc.constantFrom('', ' 100', ' 404 No Messages', ' 409 Consumer Deleted', ' 503', ' 99999', ' x', '  '),
      fc.array(
        fc.constantFrom('a: b', 'a:', ': b', 'no colon', 'ü: é', '$memphis_pm_id: x', ' : ', '\0: \0'),
      ),
      fc.constantFrom('\r\n\r\n', '\r\n', '\n\n', ''),
    )
    .map(([version, status, lines, end]) => [`${version}${status}`, ...lines].join('\r\n') + end),
  fc.string(),
);
