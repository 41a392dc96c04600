/** The report in one line. */
import { countsOf, errorsIn, needsAttention, type Report } from '../../report';
import { count, counted } from './words';

export interface Verdict {
  readonly tone: 'good' | 'attention' | 'bad';
  readonly headline: string;
  /** What the headline is made of, in one sentence; empty where it says everything. */
  readonly detail: string;
}

export function verdictOf(report: Report): Verdict {
  const words = { drift: ofDrift, plan: ofPlan, smoke: ofTests }[report.source](report);
  const errors = errorsIn(report);
  const failed = report.tests.some(({ verdict }) => verdict === 'failed' || verdict === 'error');
  const tone = errors > 0 || failed ? 'bad' : needsAttention(report) ? 'attention' : 'good';
  const headline = words.headline !== '' ? words.headline : errors > 0 ? counted(errors, 'error') : '';
  const detail =
    errors > 0 && headline === words.headline ? [words.detail, counted(errors, 'error')] : [words.detail];
  return { tone, headline, detail: detail.filter(Boolean).join(', ') };
}

function ofDrift(report: Report): { headline: string; detail: string } {
  const { objects, byStatus } = countsOf(report);
  const off = byStatus.changed + byStatus.missing + byStatus.unmanaged;
  if (objects === 0) return { headline: 'Nothing to compare', detail: 'No object was compared.' };
  if (off === 0) {
    const unknown = byStatus.unknown === 0 ? '' : `, ${count(byStatus.unknown)} not compared`;
    const detail = `${counted(byStatus.same, 'object')} in sync${unknown}`;
    // What is wrong beside the values, such as an owner elsewhere, is the headline then.
    return errorsIn(report) > 0
      ? { headline: '', detail: `No drift, ${detail}` }
      : { headline: 'No drift', detail };
  }
  const detail = (['changed', 'missing', 'unmanaged'] as const)
    .filter((status) => byStatus[status] > 0)
    .map((status) => `${count(byStatus[status])} ${status}`)
    .join(', ');
  return {
    headline: `${count(off)} of ${counted(objects, 'object')} ${off === 1 ? 'differs' : 'differ'}`,
    detail,
  };
}

function ofPlan(report: Report): { headline: string; detail: string } {
  const { byAction, objects, tests } = countsOf(report);
  const changes = objects - byAction.none;
  const planned = tests.planned === 0 ? '' : `${counted(tests.planned, 'smoke test')} will run`;
  if (changes === 0) return { headline: 'No changes', detail: planned };
  const parts = (
    [
      ['delete', 'to delete'],
      ['replace', 'to replace'],
      ['update', 'to update'],
      ['create', 'to create'],
    ] as const
  )
    .filter(([action]) => byAction[action] > 0)
    .map(([action, words]) => `${count(byAction[action])} ${words}`);
  return { headline: counted(changes, 'change'), detail: [...parts, planned].filter(Boolean).join(', ') };
}

function ofTests(report: Report): { headline: string; detail: string } {
  const { tests } = countsOf(report);
  const ran = tests.passed + tests.failed + tests.error;
  const bad = tests.failed + tests.error;
  if (ran === 0) return { headline: 'No test ran', detail: '' };
  if (bad === 0) return { headline: `${counted(ran, 'test')} passed`, detail: '' };
  const detail = tests.error === 0 ? '' : `${count(tests.error)} could not be run`;
  return { headline: `${count(bad)} of ${counted(ran, 'test')} did not pass`, detail };
}
