import { IncompatibleSchemaError } from '../../../model/errors';
import { clauses, plural, quotedNames } from '../../../model/error-text';
import type { Compatibility } from '../../../model/schema-compatibility';
import { directionsOf, isTransitive } from '../../../model/schema-compatibility';
import type { CanonicalSchema } from '../../../model/schema-declaration';
import type { ComparedSchema } from '../../../schema';
import { compatibilityProblems } from '../../../schema';
import type { Run } from '../run';
import type { ListedStation } from '../snapshot';
import { consumerGroupsOf } from '../station/consumer-groups';
import type { LiveSchema } from './live';
import { diffSchema, normaliseSchema } from './live';

/** A former version of a schema. */
interface FormerVersion extends ComparedSchema {
  readonly versionNumber: number;
}

/**
 * Finds out whether a change of a schema breaks what it is declared to be compatible with. The plan asks, and the apply
 * asks again: another version may be active by then.
 *
 * Requests: none, with a transitive rule 1; for a change that is refused 1 more for each partition that is read of the
 * stations that enforce the schema.
 * @returns undefined when the change is compatible
 */
export async function incompatible(
  run: Run,
  live: LiveSchema,
  after: CanonicalSchema,
  compatibility: Compatibility = 'none',
): Promise<IncompatibleSchemaError | undefined> {
  if (compatibility === 'none') return undefined;
  const { fields } = diffSchema(normaliseSchema(live, after), after);
  if (fields.every(({ field }) => field === 'name')) return undefined;
  const versions = isTransitive(compatibility) ? await allVersions(run, live) : [activeVersion(live)];
  const directions = directionsOf(compatibility);
  const found = versions.flatMap((former) =>
    directions.flatMap((direction) => {
      const problems = compatibilityProblems(direction, former, after);
      return problems.map((problem) => ({ version: former.versionNumber, direction, problem }));
    }),
  );
  if (found.length === 0) return undefined;
  const isPlain = versions.length === 1 && directions.length === 1;
  return new IncompatibleSchemaError({
    attempted: `change schema "${live.name}"`,
    found: clauses([
      await affected(run, live.name),
      'nothing was changed',
      `the new content breaks compatibility ${compatibility} with ${versionsText(found)}`,
    ]),
    problems: found.map(({ version, direction, problem }) =>
      isPlain ? problem : `version ${version}, ${direction}: ${problem}`,
    ),
    next: 'Change the content so that it stays compatible, or declare it as a schema of another name. To permit the change, set compatibility to "none" and deploy',
  });
}

function activeVersion({ type, activeVersion: active }: LiveSchema): FormerVersion {
  return { type, ...active };
}

/** The newest first. */
async function allVersions(run: Run, live: LiveSchema): Promise<readonly FormerVersion[]> {
  const details = await run.admin.readSchema(live.name);
  if (details === undefined) return [activeVersion(live)];
  return details.versions.map((version) => ({ type: details.type, ...version }));
}

function versionsText(found: readonly { readonly version: number }[]): string {
  const numbers = [...new Set(found.map(({ version }) => version))];
  return `${numbers.length === 1 ? 'version' : 'versions'} ${numbers.join(', ')}`;
}

/** Stations whose groups are named; of more stations their number is enough. */
const MOST_NAMED = 10;

/** Whom the schema serves: its stations, and the groups that read them. */
async function affected(run: Run, schema: string): Promise<string> {
  const { stations } = await run.snapshot();
  const enforcing = [...stations.values()].filter(({ row }) => row.schemaName === schema);
  if (enforcing.length === 0) return 'no station enforces it';
  const named = await Promise.all(enforcing.slice(0, MOST_NAMED).map((station) => described(run, station)));
  const rest = enforcing.length - named.length;
  const more = rest > 0 ? ` and ${plural(rest, 'further station')}` : '';
  return `it is enforced on ${named.join(', ')}${more}`;
}

async function described(run: Run, station: ListedStation): Promise<string> {
  const groups = await consumerGroupsOf(run.admin, station);
  const names = groups.map(({ name }) => name);
  const readers = names.length === 1 ? 'consumer group' : 'consumer groups';
  return `station "${station.row.name}" (${names.length === 0 ? 'no consumer group' : `${readers} ${quotedNames(names)}`})`;
}
