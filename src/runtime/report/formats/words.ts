/** What formats for people say in the same words: titles, actions, places, numbers. Each text is printable, none is escaped. */
import { plural } from '../../../model/error-text';
import type {
  Action,
  DeclarationSite,
  Difference,
  ObjectStatus,
  Report,
  ReportedObject,
  ReportedTest,
  Stake,
} from '../report';
import { countsOf, errorsIn } from '../report';
import { bytesText, quantityText } from '../../../model/quantity-text';
import { differingTexts, printable, printableSentence, shortened, valueText } from './printable';

/** `Memphis drift` */
export function titleOf({ source }: Report): string {
  return { drift: 'Memphis drift', plan: 'Memphis plan', smoke: 'Memphis smoke tests' }[source];
}

/** Which brokers and stacks, and when: `127.0.0.1:6666 (NATS 2.10.26); stacks billing, orders; 2026-11-30 12:00 UTC`. */
export function scopeOf({ brokers, stacks, madeAt }: Report): string {
  const servers = brokers.map(({ address, serverVersion }) =>
    printable(`${address} (NATS ${serverVersion})`),
  );
  const names = `${stacks.length === 1 ? 'stack' : 'stacks'} ${stacks.map(printable).join(', ')}`;
  const time = printable(madeAt.replace(/^(.{10})T(\d\d:\d\d).*Z$/, '$1 $2 UTC'));
  return [servers.join(', '), stacks.length === 0 ? '' : names, time]
    .filter((part) => part !== '')
    .join('; ');
}

/** `station orders`, with the broker where several were asked. */
export function objectTitle({ kind, name, broker }: ReportedObject): string {
  return printable(`${kind} ${name}${broker === undefined ? '' : ` on ${broker}`}`);
}

const doneByDeploy: Readonly<Record<Action, string>> = {
  none: 'the next deploy leaves it as it is',
  create: 'the next deploy creates it',
  update: 'the next deploy changes it in place',
  replace: 'the next deploy replaces it',
  delete: 'the next deploy destroys it',
};
const planned: Readonly<Record<Action, string>> = {
  none: 'no change',
  create: 'will be created',
  update: 'will be changed in place',
  replace: 'will be replaced',
  delete: 'will be destroyed',
};
const found: Readonly<Record<ObjectStatus, string>> = {
  same: 'as declared',
  changed: 'changed',
  missing: 'missing',
  unmanaged: 'declared by no stack',
  unknown: 'not compared, because only Terraform knows its name',
};

/** How the object stands and what the next deploy does: `changed; the next deploy replaces it`. */
export function standing({ status, action }: ReportedObject, { source }: Report): string {
  if (source === 'plan') return planned[action];
  return action === 'none' && status !== 'changed' && status !== 'missing'
    ? found[status]
    : `${found[status]}; ${doneByDeploy[action]}`;
}

/** True for an object that a report shows only in full. */
export function isQuiet({ status, action, findings }: ReportedObject): boolean {
  return status === 'same' && action === 'none' && findings.length === 0;
}

/** `orders/orders, stacks/orders.ts:12` */
export function siteText(site: DeclarationSite): string {
  const place = sourcePlace(site);
  return printable(place === '' ? site.constructPath : `${site.constructPath}, ${place}`);
}

/** `stacks/orders.ts:12`, or empty where the source is not known. */
export function sourcePlace({ file, line }: DeclarationSite): string {
  if (file === undefined) return '';
  return line === undefined ? file : `${file}:${line}`;
}

/** Declared and live value of a field, each at most `most` characters long, with its unit: `3600 (1 h)`. */
export function sideTexts(
  { declared, live, declaredUnit, liveUnit }: Difference,
  most: number,
): readonly [string, string] {
  const [wanted, there] = differingTexts(declared, live, most);
  return [withQuantity(wanted, declared, declaredUnit), withQuantity(there, live, liveUnit)];
}

/** The declared value alone, where nothing is live. */
export function declaredText({ declared, declaredUnit }: Difference, most: number): string {
  return withQuantity(shortened(valueText(declared), most), declared, declaredUnit);
}

function withQuantity(text: string, value: unknown, unit: string | undefined): string {
  const quantity = quantityText(value, unit);
  return quantity === undefined ? text : `${text} (${quantity})`;
}

/** `1,234 messages (144.6 KiB), 2 consumer groups` */
export function stakeText({ messages, bytes, consumerGroups }: Stake): string {
  const stored = `${numberText(messages)} ${messages === 1 ? 'message' : 'messages'} (${bytesText(bytes)})`;
  return consumerGroups === 0 ? stored : `${stored}, ${plural(consumerGroups, 'consumer group')}`;
}

/** What the action does to what is at stake, as sentences. */
export function stakeSentence({ consequence, isPermitted }: Stake): string {
  const permission = isPermitted
    ? 'allowMessageLoss permits it.'
    : 'The deploy is refused: allowMessageLoss is not set.';
  return `This would ${printableSentence(consequence)}. ${permission}`;
}

export const verdictWords: Readonly<Record<ReportedTest['verdict'], string>> = {
  passed: 'passed',
  failed: 'failed',
  error: 'could not run',
  planned: 'will run',
};

/** The counts of the whole report, in one or two sentences. */
export function totals(report: Report): string {
  const { objects, byStatus, byAction, messagesAtStake, tests } = countsOf(report);
  const sentences: string[] = [];
  if (report.source === 'plan') {
    const changes = (['delete', 'replace', 'update', 'create'] as const)
      .filter((action) => byAction[action] > 0)
      .map((action) => `${numberText(byAction[action])} to ${plannedVerbs[action]}`);
    sentences.push(changes.length === 0 ? 'No changes.' : `${changes.join(', ')}.`);
  } else if (report.source === 'drift' || objects > 0) {
    const counts = (['changed', 'missing', 'unmanaged', 'unknown', 'same'] as const)
      .filter((status) => byStatus[status] > 0)
      .map((status) => `${numberText(byStatus[status])} ${countWords[status]}`);
    const detail = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
    const hasDrift = byStatus.changed + byStatus.missing + byStatus.unmanaged > 0;
    if (report.source === 'drift' && !hasDrift) {
      const errors = errorsIn(report);
      sentences.push(errors === 0 ? 'No drift.' : `No drift, but ${plural(errors, 'error')}.`);
    }
    sentences.push(`${numberText(objects)} ${objects === 1 ? 'object' : 'objects'}${detail}.`);
  }
  const verdicts = (['failed', 'error', 'passed', 'planned'] as const)
    .filter((verdict) => tests[verdict] > 0)
    .map((verdict) => `${numberText(tests[verdict])} ${verdictWords[verdict]}`);
  if (verdicts.length > 0) sentences.push(`Smoke tests: ${verdicts.join(', ')}.`);
  else if (report.source === 'smoke') sentences.push('No smoke test ran.');
  if (messagesAtStake > 0) {
    const noun = messagesAtStake === 1 ? 'message is' : 'messages are';
    sentences.push(`${numberText(messagesAtStake)} ${noun} at stake.`);
  }
  return sentences.join(' ');
}

const plannedVerbs = { delete: 'destroy', replace: 'replace', update: 'change', create: 'create' } as const;

const countWords: Readonly<Record<ObjectStatus, string>> = {
  changed: 'changed',
  missing: 'missing',
  unmanaged: 'declared by no stack',
  unknown: 'not compared',
  same: 'as declared',
};

/** `1,234,567`, the same on every machine. */
export function numberText(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  if (!/^-?\d+$/.test(whole)) return String(value);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `840 ms`, `5.0 s` */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : Number(ms.toFixed(2))} ms`;
}

/** `p50 1.25 ms, p95 4.5 ms, p99 7.2 ms, max 11.9 ms` */
export function latencyText({ p50, p95, p99, max }: NonNullable<ReportedTest['latency']>): string {
  const named = { p50, p95, p99, max };
  return Object.entries(named)
    .map(([name, ms]) => `${name} ${durationText(ms)}`)
    .join(', ');
}

/** `1,191 messages/s` */
export function throughputText(perSecond: number): string {
  return `${numberText(perSecond >= 100 ? Math.round(perSecond) : Number(perSecond.toFixed(1)))} messages/s`;
}
