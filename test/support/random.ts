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

/**
 * Any character of Unicode, for `fc.string({ unit })`. The unit `binary` of fast-check has the same ones, and takes a second
 * of each file that uses it to build a table of them.
 */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10_ffff - 0x800 })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
