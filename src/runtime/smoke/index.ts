export type { SmokeResult } from './result';

export { runSmokeTest } from './run';
export { SmokeBroker } from './smoke-broker';
export { runSuite } from './suite';
export type { SuiteResult } from './suite';
