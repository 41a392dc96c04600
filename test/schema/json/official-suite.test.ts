import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compileSchema } from '../../../src/schema';

/**
 * The official test suite of JSON Schema (github.com/json-schema-org/JSON-Schema-Test-Suite). `npm test` fetches it and
 * names its folder; without Python 3 it cannot, and the suite is skipped.
 */
const named = process.env.JSON_SCHEMA_TEST_SUITE;
const folder = named === undefined ? undefined : join(named, 'tests');

const drafts = {
  draft4: 'http://json-schema.org/draft-04/schema#',
  draft6: 'http://json-schema.org/draft-06/schema#',
  draft7: 'http://json-schema.org/draft-07/schema#',
  'draft2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft2020-12': 'https://json-schema.org/draft/2020-12/schema',
} as const;

/** What is decided otherwise here, by file and description of the group; each with its reason. */
const deliberate: readonly (readonly [file: RegExp, group: RegExp, reason: string])[] = [
  [
    /^refRemote/,
    /./,
    'the broker loads no schema from elsewhere, so a schema has to hold all that it refers to',
  ],
  [
    /^dynamicRef/,
    /^(strict-tree|tests for implementation|\$ref and \$dynamicAnchor|\$ref to \$dynamicRef finds detached)/,
    'they refer to schemas elsewhere',
  ],
  [/^vocabulary/, /./, 'the broker knows no meta schemas but those of the versions'],
  [/^format/, /format$/, "formats are checked in every version, as Memphis' clients do"],
  [/^pattern/, /Unicode property escape/, 'patterns are those of Go, which has no long names of categories'],
];

interface Group {
  readonly description: string;
  readonly schema: boolean | Readonly<Record<string, unknown>>;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

(folder === undefined ? describe.skip : describe).each(Object.entries(drafts))(
  'the official suite, %s',
  (draft, $schema) => {
    const files = folder === undefined ? ['is not installed'] : filesOf(join(folder, draft));

    it.each(files)('%s', (file) => {
      const groups = JSON.parse(readFileSync(join(folder ?? '', draft, file), 'utf8')) as readonly Group[];
      expect(groups.length).toBeGreaterThan(0);
      const wrong = groups
        .filter(
          ({ description }) =>
            !deliberate.some(([name, group]) => name.test(file) && group.test(description)),
        )
        .flatMap((group) => wrongVerdicts(group, $schema).map((what) => `${group.description}: ${what}`));
      expect(wrong).toEqual([]);
    });
  },
);

function filesOf(draft: string): string[] {
  return readdirSync(draft).filter((name) => name.endsWith('.json'));
}

function wrongVerdicts({ schema, tests }: Group, $schema: string): string[] {
  const content = JSON.stringify(typeof schema === 'object' ? { $schema, ...schema } : schema);
  const compiled = compileSchema({ type: 'json', content });
  return tests
    .filter(({ data, valid }) => compiled.decode(Buffer.from(JSON.stringify(data))).matched !== valid)
    .map(({ description, valid }) => `${description} should be ${valid ? 'valid' : 'invalid'}`);
}
