import { externalName } from '../../../model/names';
import type { Identified, Kind } from '../../reconcile';
import { belongsElsewhere, ownerElsewhere } from '../../reconcile';
import type { Values } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import { declaredOwnerOf } from './attributes';
import { capital, diagnosticFor, warning } from './diagnose';
import { subjectWith } from './kind-messages';
import type { Session } from './session';

/** What users are told about objects that are not, or not certainly, those of their stack. */

/** Says that an object of the state is gone, and that another one has its name. */
export async function takenName<D, C extends object, L>(
  session: Session,
  kind: Kind<D, C, L>,
  { name, uid }: Identified,
): Promise<Diagnostic[]> {
  const other = uid === undefined ? undefined : await kind.find(session.run, { name });
  if (uid === undefined || other === undefined) return [];
  session.taken.add(`${kind.name} ${externalName(name)}`);
  return [
    warning(
      `${capital(kind.describe(name))} was removed and created again outside of Terraform`,
      `The broker's ${kind.name} of that name has the uid ${kind.uidOf(other)} instead of ${uid}. It is not this stack's: no operation touches it, and a destroy passes over it. To manage it from this stack, run terraform apply -refresh-only, which drops the old one from the state, and then import it: importFrom("${name}") on the construct, or terraform import <address> ${name}.`,
    ),
  ];
}

/**
 * The other declaration that owns an object of the state, by the records that this run has listed. An import has said
 * it already of the kinds that it takes over.
 * @param planned the values of the declaration. Default: those of the state
 */
export async function ownedElsewhere<D, C extends object, L>(
  session: Session,
  kind: Kind<D, C, L>,
  { name, live }: { readonly name: string; readonly live: L | undefined },
  { prior, planned = prior, isImported }: Claim,
): Promise<string | undefined> {
  if (live === undefined || (isImported && kind.isTakenOverByImport === true)) return undefined;
  const record = (await session.run.recordsOf(kind.name)).get(externalName(name));
  return ownerElsewhere(record, { uid: kind.uidOf(live) }, declaredOwnerOf(planned, prior));
}

/** By which values an object is claimed. */
interface Claim {
  readonly prior: Values;
  readonly planned?: Values;
  readonly isImported: boolean;
}

/** The refusal to change an object that another declaration owns, where it is declared. */
export function refusedElsewhere(
  kind: Pick<Kind<never, never, never>, 'name'>,
  name: string,
  owner: string,
  nameAttribute: string,
): Diagnostic {
  return diagnosticFor(belongsElsewhere({ kind: kind.name, name: externalName(name) }, owner), nameAttribute);
}

/** Says that a plan passes over an object that another declaration owns. */
export function passedOver(
  { describe }: Pick<Kind<never, never, never>, 'describe'>,
  name: string,
  owner: string,
  isRemoved: boolean,
): Diagnostic {
  const what = isRemoved
    ? 'It stays on the broker, and only leaves the state.'
    : `This stack leaves it as it is: it stays in the state as this stack last deployed it, a change from here is refused, and a destroy passes over it. To give it up, remove the declaration. To manage it again, release it there first (a removed block with destroy = false, or terraform state rm), run terraform state rm <address> here, and import it with adoptExisting: true.`;
  return warning(`${capital(describe(name))} belongs to ${owner}`, what);
}

/** Says whose an imported object is. */
export async function recordedOwner<D, C extends object, L>(
  { run }: Session,
  kind: Kind<D, C, L>,
  id: string,
  live: L,
): Promise<Diagnostic[]> {
  const record = await run.admin.ledger.read(kind.name, externalName(id));
  if (record?.uid !== kind.uidOf(live)) return [];
  const consequence = 'takes it over, and every change by the other declaration is refused from then on';
  const what =
    kind.isTakenOverByImport === true
      ? `This deploy ${consequence}.`
      : `Without adoptExisting: true the import is refused; with it, this deploy ${consequence}.`;
  return [
    warning(
      subjectWith(kind, id, `belongs to ${record.owner}`, `belong to ${record.owner}`),
      `If that is not the declaration that imports it, release it there first (a removed block with destroy = false, or terraform state rm). ${what}`,
    ),
  ];
}
