export type { SmokeOutcome, SmokeResult, SmokeStep } from './result';
export { runSmokeTest } from './run';
