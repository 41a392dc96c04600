import { appendFileSync } from 'node:fs';
import { brokerIsExternal } from '../../support/broker';
import { notTestableHere } from './not-testable-here';
import { seedRows } from './rows';

const features: ReadonlyMap<string, string> = new Map(Object.values(seedRows).flat());

/** Where a run of `npm run conformance` collects what happened; unset in a plain test run. */
const reportFile = process.env.CONFORMANCE_REPORT;

/** Registers the test of one row. A row that cannot be tested on this kind of broker is reported with its reason. */
export function row(id: string, verify: () => void | Promise<void>): void {
  const feature = features.get(id);
  if (feature === undefined) throw new Error(`there is no row ${id}`);
  const reason = notTestableHere(id, brokerIsExternal);
  if (reason !== undefined) {
    record({ id, result: 'not testable here', detail: reason });
    return;
  }
  test(`${id} ${feature}`, async () => {
    try {
      await verify();
    } catch (error) {
      record({ id, result: 'fail', detail: error instanceof Error ? error.message : String(error) });
      throw error;
    }
    record({ id, result: 'pass', detail: '' });
  });
}

function record(entry: { readonly id: string; readonly result: string; readonly detail: string }): void {
  if (reportFile !== undefined) appendFileSync(reportFile, `${JSON.stringify(entry)}\n`);
}
