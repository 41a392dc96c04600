import type { DeclaredStack } from '../../synthesised/declared-stack';
import type { Report } from '../report';
import type { BrokerPart } from './drift/broker-check';
import type { DriftOptions } from './drift/comparison';
import { Comparison } from './drift/comparison';

export type { DriftOptions } from './drift/comparison';

/**
 * Compares what stacks declare with their brokers, by the code that the provider plans with. It reads only.
 * @throws ConnectionSettingsError, ConnectionError, AuthenticationError, TimeoutError when one of the brokers cannot be
 *   used.
 */
export async function driftReport(stacks: readonly DeclaredStack[], options: DriftOptions): Promise<Report> {
  const comparison = new Comparison(stacks, options);
  const open = await comparison.openAll();
  try {
    const parts: BrokerPart[] = [];
    for (const check of open) {
      options.progress?.(`reading ${check.admin.facts.address}`);
      parts.push(await check.whole());
    }
    return comparison.reportOf(parts);
  } finally {
    await Promise.all(open.map((check) => check.close()));
  }
}
