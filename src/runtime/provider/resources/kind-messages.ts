import { terraformName } from '../../../model/field';
import type { CarryPlan, Kind, Permissions, Plan } from '../../reconcile';
import { describeCarry, reasonOf } from '../../reconcile';
import type { Diagnostic } from '../framework/diagnostics';
import { capital, diagnosticFor, warning } from './diagnose';
import type { KindResource } from './particulars';

/** The part of a kind that messages need. */
type Described = Pick<Kind<never, never, never>, 'describe' | 'isPlural'>;

/** An object as the subject of a sentence, with its verb in both numbers. */
export function subjectWith(kind: Described, name: string, singular: string, plural: string): string {
  return `${capital(kind.describe(name))} ${kind.isPlural === true ? plural : singular}`;
}

/** What forbids the planned change of an object, and what the change drops with permission. */
export function planProblems(
  { describe }: Described,
  name: string,
  { refusals, loss, carry, consequence }: Plan,
  { allowMessageLoss }: Permissions,
): Diagnostic[] {
  const errors = refusals.map(({ error, field }) =>
    diagnosticFor(error, field === undefined ? undefined : terraformName(field)),
  );
  if (refusals.length === 0 && carry !== undefined) errors.push(replacedWithMessages(describe(name), carry));
  if (consequence !== undefined && errors.length === 0)
    errors.push(warning(`${capital(describe(name))} ${consequence.summary}`, consequence.detail));
  if (loss === undefined || !allowMessageLoss) return errors;
  const summary = `${capital(describe(name))} loses messages`;
  return [...errors, warning(summary, `This will ${loss.consequence}. allowMessageLoss permits it.`)];
}

/** What Terraform shows as an update in place, and what is more than that. */
function replacedWithMessages(described: string, carry: CarryPlan): Diagnostic {
  const summary = `${capital(described)} is replaced and its messages are carried over`;
  return warning(summary, describeCarry(carry).join('\n\n'));
}

/** Says that an interrupted run has left something to the next apply. */
export function interruption({ describe }: Described, name: string, text: string): Diagnostic {
  return warning(`${capital(describe(name))} is only partly replaced`, text);
}

/** Says what a change did otherwise than its plan said. */
export function otherwise({ describe }: Described, name: string, notices: readonly string[]): Diagnostic[] {
  return notices.map((text) =>
    warning(`${capital(describe(name))} was replaced otherwise than planned`, text),
  );
}

/** What a creation means for the object that exists already; Terraform itself shows a creation like any other. */
export function adoptionOf(
  kind: Described,
  { becomes }: Pick<KindResource<never, never, never>, 'becomes'>,
  name: string,
  { change, continuation, refusals, carry }: Plan,
): Diagnostic[] {
  if (continuation === undefined || refusals.length > 0) return [];
  if (change.kind === 'replace' && carry === undefined)
    return [
      warning(
        subjectWith(kind, name, 'exists and is replaced', 'exist and are replaced'),
        `It exists on the broker and belongs to this declaration, but it cannot become in place what is declared: ${reasonOf(change) ?? 'its kind does not allow it'}. It is removed and created again.`,
      ),
    ];
  const why =
    continuation === 'adopted'
      ? 'It exists on the broker, and this declaration adopts it (adoptExisting).'
      : 'It exists on the broker and belongs to this declaration, but the Terraform state does not contain it.';
  const becoming = continuation === 'adopted' ? 'adopted' : 'resumed';
  const summary = subjectWith(kind, name, `exists and is ${becoming}`, `exist and are ${becoming}`);
  return [warning(summary, carry === undefined ? `${why} ${becomes(change)}` : why)];
}

/** Says that a removal left the object alone. */
export function leftAlone(kind: Described, name: string, why: string): Diagnostic {
  const summary = subjectWith(kind, name, 'stays on the broker', 'stay on the broker');
  const untouched =
    kind.isPlural === true ? 'They are out of the state, and were' : 'It is out of the state, and was';
  return warning(summary, `${capital(why)}. ${untouched} not touched.`);
}

/** Says that a removal is finished later, once for each reason. */
export function finishedLater(kind: Described, name: string, notices: readonly string[]): Diagnostic[] {
  const summary = subjectWith(kind, name, 'stays until nothing needs it', 'stay until nothing needs them');
  return notices.map((text) => warning(summary, text));
}

/** Says what a replacement dropped that its plan could not show. */
export function unshownLoss({ describe }: Described, name: string, consequence: string): Diagnostic {
  return warning(
    `${capital(describe(name))} was replaced and lost messages`,
    `The plan could not show this, because Terraform forced the replacement: it was going to ${consequence}. allowMessageLoss permitted it.`,
  );
}

/**
 * Says that an object names one that the run makes later. The summary is the same for all of them, so that Terraform
 * shows one.
 */
export function setLater({ describe }: Described, name: string, awaited: string): Diagnostic {
  return warning(
    'A dead-letter station is set later in this run',
    `${capital(describe(name))} names ${awaited} in plain text, which orders nothing, and as many stations do as Terraform handles at a time. This run sets it as soon as that station exists; if it does not come to that, the next plan shows the difference. To create it first, refer to it: pass its construct, or in HCL its name attribute.`,
  );
}
