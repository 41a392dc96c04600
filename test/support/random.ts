import fc from 'fast-check';

/**
 * Random tests try the same values in every run of the suite, so that one which fails can be repeated. `npm run soak` names
 * other seeds, and multiplies the numbers of values.
 */
export const seed = Number(process.env.SEED ?? 20_261_125);

/** How many values to try. The linter holds that no test names a number without it. */
export function many(runs: number): number {
  return runs * Number(process.env.TIMES ?? 1);
}

fc.configureGlobal({ seed, numRuns: many(100) });
