export type {
  SmokeDifference,
  SmokeExpectation,
  SmokeLatency,
  SmokeOutcome,
  SmokeResult,
  SmokeStep,
} from './result';
export { runSmokeTest } from './run';
export type { SmokeRunOptions } from './run';
export { SmokeBroker } from './smoke-broker';
export { runSuite } from './suite';
export type { SuiteOptions, SuiteResult, SuiteTest } from './suite';
