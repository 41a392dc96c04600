import type { Report, ReportCounts } from '../report';
import { countsOf } from '../report';
import type { Format } from './format';

/**
 * The version of the JSON form. The second number grows when members are added, which readers ignore; the first when a
 * member changes or ends.
 */
const JSON_FORMAT_VERSION = '1.0';

/** For programs: the report as it is. `docs/report.schema.json` describes it. */
export const json: Format = {
  name: 'json',
  render: (report) => `${JSON.stringify(jsonReport(report), plainValue, 2)}\n`,
};

/** A report as its JSON form shows it. */
export interface JsonReport extends Report {
  /**
   * `1.0`. Members may be added within `1`; readers ignore those they do not know.
   * @pattern ^1\.[0-9]+$
   */
  readonly formatVersion: `1.${number}`;
  /** How many of what the report holds. */
  readonly counts: ReportCounts;
}

function jsonReport(report: Report): JsonReport {
  const { source, madeAt, ...rest } = report;
  return { formatVersion: JSON_FORMAT_VERSION, source, madeAt, counts: countsOf(report), ...rest };
}

/** JSON has no numbers beyond 2^53: they are strings of digits. */
function plainValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
