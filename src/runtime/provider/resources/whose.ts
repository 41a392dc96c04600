import { AlreadyExistsError } from '../../../model/errors';
import { externalName } from '../../../model/names';
import type { Identified, Kind } from '../../reconcile';
import { refuseOwnedElsewhere } from '../../reconcile';
import { stringAt } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';
import type { PlanRequest } from '../framework/resource';
import { declaredOwnerOf } from './attributes';
import { capital, diagnosticFor, warning } from './diagnose';
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

/** Refuses an object that was imported, or whose declaration changed its owner, and that another declaration owns. */
export async function ownedElsewhere<D, C extends object, L>(
  { client: session, prior, planned, priorPrivate }: PlanRequest<Session>,
  kind: Kind<D, C, L>,
  live: L | undefined,
  nameAttribute: string,
): Promise<Diagnostic[]> {
  if (session === undefined || prior === null || planned === null || live === undefined) return [];
  const claim = declaredOwnerOf(planned, prior);
  if (claim.owner === claim.formerOwner && priorPrivate.imported !== true) return [];
  const name = externalName(stringAt(prior, nameAttribute) ?? '');
  try {
    await refuseOwnedElsewhere(session.run.admin, { kind: kind.name, name, uid: kind.uidOf(live) }, claim);
    return [];
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    // The import has said whose it is.
    return kind.isTakenOverByImport === true ? [] : [diagnosticFor(error, nameAttribute)];
  }
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
      `${capital(kind.describe(id))} belongs to ${record.owner}`,
      `If that is not the declaration that imports it, release it there first (a removed block with destroy = false, or terraform state rm). ${what}`,
    ),
  ];
}
