import { BrokerRefusedError } from '../../../model/errors';
import { quotedNames } from '../../../model/error-text';
import type { CanonicalSchema } from '../../../model/schema-declaration';
import { forced } from '../diff';
import type { Plan, PlanContext, Refusal } from '../kind';
import type { Run } from '../run';
import { incompatible } from './compatibility';
import type { LiveSchema } from './live';
import { diffSchema, normaliseSchema } from './live';

/** Plans one schema: stations that this stack does not move must keep what they enforce. */
export async function planSchema(
  run: Run,
  live: LiveSchema | undefined,
  after: CanonicalSchema | undefined,
  { isForced = false, permissions: { compatibility } }: Pick<PlanContext, 'isForced' | 'permissions'>,
): Promise<Plan> {
  const before = live === undefined ? undefined : normaliseSchema(live, after);
  const difference = diffSchema(before, after);
  const change = isForced && live !== undefined ? forced(difference) : difference;
  const isRenamed = before !== undefined && after !== undefined && before.name !== after.name;
  const refusals = isRenamed ? await keptElsewhere(run, before.name, after.name) : [];
  if (live === undefined || after === undefined) return { change, refusals };
  const error = await incompatible(run, live, after, compatibility);
  return { change, refusals: error === undefined ? refusals : [...refusals, { error, field: 'content' }] };
}

/**
 * Refuses to rename a schema that stations of other stacks enforce. One that nobody is recorded to have attached may be of
 * this stack, whose interrupted run has removed the record: the schema stays until that station has another one.
 */
async function keptElsewhere(run: Run, name: string, successor: string): Promise<Refusal[]> {
  const owner = (await run.admin.ledger.read('schema', name))?.owner;
  // Without owners nobody can tell whose enforcements these are; then the schema stays until all have moved.
  if (owner === undefined || owner === '') return [];
  const enforcements = await run.recordsOf('enforcement');
  const { stations } = await run.snapshot();
  const others = [...stations.values()].flatMap(({ row }) =>
    row.schemaName === name && isOfAnother(enforcements.get(row.name)?.owner, owner) ? [row.name] : [],
  );
  if (others.length === 0) return [];
  const error = new BrokerRefusedError({
    attempted: `rename schema "${name}" to "${successor}"`,
    found: `it is enforced on ${quotedNames(others)}, where this stack does not declare it; nothing was changed`,
    next: 'Detach it there first, or declare the new schema beside the old one',
  });
  return [{ error, field: 'name' }];
}

function isOfAnother(recorded: string | undefined, owner: string): boolean {
  return recorded !== undefined && !isSameStack(recorded, owner);
}

/** An owner is the path of a construct, which begins with its stack; cdktf's id of the project, a UUID, may stand before it. */
export function isSameStack(one: string | undefined, other: string): boolean {
  const length = /^[0-9a-f]{8}-[0-9a-f-]{27}\//.test(other) ? 2 : 1;
  const stackOf = (owner: string): string => owner.split('/').slice(0, length).join('/');
  return one !== undefined && stackOf(one) === stackOf(other);
}
