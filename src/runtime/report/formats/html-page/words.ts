/** How the page words counts, sizes, times and the states of objects and tests. */
import type { Action, ObjectStatus, Report, ReportedObject, ReportedTest } from '../../report';

const numbers = new Intl.NumberFormat('en-US');
const fractions = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const times = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

export const statusWords: Readonly<Record<ObjectStatus, string>> = {
  changed: 'Changed',
  missing: 'Missing',
  unmanaged: 'Unmanaged',
  unknown: 'Unknown',
  same: 'In sync',
};

export const statusMeanings: Readonly<Record<ObjectStatus, string>> = {
  changed: 'The live object differs from its declaration.',
  missing: 'A stack declares it, and the broker does not have it.',
  unmanaged: 'It is on the broker, and no stack declares it.',
  unknown: 'Only Terraform can know its name.',
  same: 'The live object is what the stack declares.',
};

export const actionWords: Readonly<Record<Action, string>> = {
  delete: 'Delete',
  replace: 'Replace',
  update: 'Update in place',
  create: 'Create',
  none: 'No change',
};

export const verdictWords: Readonly<Record<ReportedTest['verdict'], string>> = {
  failed: 'Failed',
  error: 'Error',
  passed: 'Passed',
  planned: 'Will run',
};

export const titles: Readonly<Record<Report['source'], string>> = {
  drift: 'Drift report',
  plan: 'Plan report',
  smoke: 'Smoke test report',
};

export function count(value: number): string {
  return numbers.format(value);
}

/** `1 message`, `2 messages` */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let rest = value;
  let unit = 0;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? count(rest) : fractions.format(rest)} ${units[unit] ?? ''}`;
}

/** `3.2 ms`, `1.5 s`; what is below a microsecond is zero. */
export function duration(ms: number): string {
  if (ms < 0.001) return '0 ms';
  return ms < 1000 ? `${fractions.format(ms)} ms` : `${fractions.format(ms / 1000)} s`;
}

/** `30 Nov 2026, 12:13:41 UTC`; what is not a time stays as it is. */
export function time(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${times.format(at)} UTC`;
}

/** Whether a person has to look at the object. */
export function isOff({ status, action, findings }: ReportedObject): boolean {
  return (
    status === 'changed' ||
    status === 'missing' ||
    status === 'unmanaged' ||
    action !== 'none' ||
    findings.some(({ severity }) => severity === 'error')
  );
}

/** Names one object of a report, also in the address of the page: `station/orders`. */
export function keyOf({ kind, name, broker, declaration }: ReportedObject): string {
  // Two declarations may have one name, or, where only Terraform knows it, none.
  const where = name === '' ? (declaration?.address ?? '') : name;
  return `${kind}/${where}${broker === undefined ? '' : `@${broker}`}`;
}
