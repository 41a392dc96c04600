import { ValidationError } from '../../src/model/errors';

/** The problems that a check tells; none when it lets the options pass. */
export function problemsOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.problems;
    throw error;
  }
}

/** Expects one problem after the other; a pattern stands for a text that begins, or goes on, as it says. */
export function expectProblems(check: () => unknown, expected: readonly (string | RegExp)[]): void {
  const told = problemsOf(check);
  expect(told).toHaveLength(expected.length);
  for (const [index, problem] of expected.entries()) {
    if (typeof problem === 'string') expect(told[index]).toBe(problem);
    else expect(told[index]).toMatch(problem);
  }
}
