import type { Check, Evaluated, CheckRun } from './check';

/** The keywords that look into a value; what is unevaluated is known after all others. */
export interface ContainerChecks {
  readonly checks: readonly Check[];
  readonly unevaluated: Check | undefined;
}

export type Members = Readonly<Record<string, unknown>>;

/** A check of arrays or objects alone; it gets the place of its keyword. */
export type CheckOf<Value> = (
  value: Value,
  run: CheckRun,
  evaluated: Evaluated | undefined,
  place: string,
) => boolean;

/** Checks what is inside of a value. */
export function inside(run: CheckRun, step: string | number, check: Check, value: unknown): boolean {
  run.path.push(step);
  const fits = check(value, run, undefined);
  run.path.pop();
  return fits;
}
