/** What is wrong in a report, one by one, for formats that list problems instead of objects. */
import { inOneLine, sentence } from '../../model/error-text';
import { quantityText } from '../../model/quantity-text';
import type { DeclarationSite, Difference, Finding, Report, ReportedObject, ReportedTest } from './report';

/** The rules of this package. The ids persist: dashboards and dismissed alerts name them. */
export const RULES = {
  'drift/changed': 'A live field differs from its declaration.',
  'drift/missing': 'A declared object is not on the broker.',
  'drift/unmanaged': 'No stack declares an object of the broker.',
  'drift/unknown': 'An object could not be compared.',
  'plan/destroy': 'The deploy destroys an object.',
  'plan/replace': 'The deploy replaces an object.',
  MEMPHIS_MESSAGE_LOSS: 'The deploy would lose stored messages.',
  'smoke/failed': 'A smoke test failed.',
  'smoke/error': 'A smoke test could not run.',
} as const;

export interface Problem {
  /** One of `RULES`, or the code of a finding. */
  readonly rule: string;
  readonly severity: Finding['severity'];
  /** What it is about: `station orders`. Empty when it concerns no single object. */
  readonly subject: string;
  /** Sentences. */
  readonly message: string;
  readonly declaration?: DeclarationSite;
  /** What tells it from others and persists when its source moves. */
  readonly identity: readonly string[];
}

/** Every problem of a report, in the order of its findings, objects and tests. */
export function reportProblems(report: Report): Problem[] {
  return [
    ...report.findings.map((finding) => ofFinding(finding, '', [])),
    ...report.objects.flatMap((object) => ofObject(object, report)),
    ...report.tests.flatMap(ofTest),
  ];
}

function ofObject(object: ReportedObject, { source }: Report): Problem[] {
  const { kind, name, broker = '', declaration, stake, findings } = object;
  const subject = `${kind} ${name}`;
  const identity = [declaration?.stack ?? '', broker, kind, name];
  const place = declaration === undefined ? {} : { declaration };
  const problems = (source === 'plan' ? ofPlanned(object) : ofDrift(object)).map(
    ({ rule, severity, message, field = '' }): Problem => ({
      rule,
      severity,
      subject,
      message,
      ...place,
      identity: [rule, ...identity, field],
    }),
  );
  const isReported = findings.some(({ code }) => code === 'MEMPHIS_MESSAGE_LOSS');
  if (stake !== undefined && !isReported) {
    problems.push({
      rule: 'MEMPHIS_MESSAGE_LOSS',
      severity: stake.isPermitted ? 'warning' : 'error',
      subject,
      message: `The next deploy would ${sentence(inOneLine(stake.consequence))}`,
      ...place,
      identity: ['MEMPHIS_MESSAGE_LOSS', ...identity],
    });
  }
  return [...problems, ...findings.map((finding) => ofFinding(finding, subject, identity, declaration))];
}

interface Stated {
  readonly rule: keyof typeof RULES;
  readonly severity: Finding['severity'];
  readonly message: string;
  readonly field?: string;
}

function ofDrift({ kind, status, action, differences }: ReportedObject): Stated[] {
  switch (status) {
    case 'changed':
      if (differences.length === 0) {
        return [{ rule: 'drift/changed', severity: 'error', message: 'It differs from its declaration.' }];
      }
      return differences.map((difference) => ({
        rule: 'drift/changed',
        severity: 'error',
        message: differenceSentence(difference, kind),
        field: difference.field,
      }));
    case 'missing': {
      const next = action === 'create' ? ' The next deploy creates it.' : '';
      return [{ rule: 'drift/missing', severity: 'error', message: `It is not on the broker.${next}` }];
    }
    case 'unmanaged':
      return [{ rule: 'drift/unmanaged', severity: 'warning', message: 'No stack declares it.' }];
    case 'unknown':
      return [
        {
          rule: 'drift/unknown',
          severity: 'note',
          message: 'It was not compared, because only Terraform knows its name.',
        },
      ];
    case 'same':
      return [];
  }
}

function ofPlanned({ action, differences }: ReportedObject): Stated[] {
  if (action === 'delete') {
    return [{ rule: 'plan/destroy', severity: 'warning', message: 'The deploy destroys it.' }];
  }
  if (action !== 'replace') return [];
  const fields = differences.filter(({ effect }) => effect === 'replace').map(({ field }) => field);
  const reason = fields.length === 0 ? '' : `: ${fields.join(', ')} cannot change in place`;
  return [{ rule: 'plan/replace', severity: 'warning', message: `The deploy replaces it${reason}.` }];
}

/** `retentionValue is 60, declared is 3600. The next deploy changes it in place.` */
function differenceSentence(difference: Difference, kind: string): string {
  const { field, declared, live, declaredUnit, liveUnit, effect, why } = difference;
  const wanted =
    declared === undefined ? 'not declared' : `declared as ${shortValue(declared, declaredUnit)}`;
  const there = live === undefined ? 'absent' : shortValue(live, liveUnit);
  const next = effect === 'replace' ? `replaces the ${kind} for it` : 'changes it in place';
  const reason = why === undefined ? '' : ` ${sentence(inOneLine(why))}`;
  return `${field} is ${there}, but ${wanted}. The next deploy ${next}.${reason}`;
}

function shortValue(value: unknown, unit: string | undefined): string {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
  const quantity = quantityText(value, unit);
  if (quantity !== undefined) return `${text} (${quantity})`;
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

function ofTest(test: ReportedTest): Problem[] {
  const { name, station, verdict, reason, expectations, declaration } = test;
  if (verdict === 'passed' || verdict === 'planned') return [];
  const unmet = expectations.filter(({ isMet }) => !isMet);
  const sentences = unmet.map(({ what, expected, seen }) => `${what}: expected ${expected}, seen ${seen}.`);
  const rule = verdict === 'failed' ? 'smoke/failed' : 'smoke/error';
  return [
    {
      rule,
      severity: 'error',
      subject: `smoke test ${name}`,
      message:
        [reason === undefined ? '' : sentence(inOneLine(reason)), ...sentences].filter(Boolean).join(' ') ||
        RULES[rule],
      ...(declaration === undefined ? {} : { declaration }),
      identity: [rule, declaration?.stack ?? '', station, name],
    },
  ];
}

function ofFinding(
  { code, severity, message, field = '' }: Finding,
  subject: string,
  identity: readonly string[],
  declaration?: DeclarationSite,
): Problem {
  return {
    rule: code,
    severity,
    subject,
    message: `${field === '' ? '' : `${field}: `}${sentence(inOneLine(message))}` || code,
    ...(declaration === undefined ? {} : { declaration }),
    // What concerns no object has nothing but its words.
    identity: [code, ...(identity.length === 0 ? [message] : identity), field],
  };
}
