/** A report whose texts show what they hold: control characters, marks that turn text around, halves of characters. */
import { printable } from '../printable';
import type { Report } from '../../report';

/** The report with visible escapes in place of what does not print. Lines and tabs of contents stay. */
export function printableReport(report: Report): Report {
  return withPrintable(report) as Report;
}

function withPrintable(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[^\n\t]+/g, printable);
  if (Array.isArray(value)) return value.map(withPrintable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [printable(name), withPrintable(each)]),
  );
}
