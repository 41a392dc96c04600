/** What is wrong with a place of a message. */
export interface Failure {
  readonly keyword: string;
  /** Where in the message: a JSON pointer. */
  readonly instancePath: string;
  /** Where in the schema: a JSON pointer in a fragment. */
  readonly schemaPath: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The name that a schema for names has refused. */
  readonly propertyName?: string;
}

/** What in-place schemas have evaluated of an object or array, for `unevaluatedProperties` and `unevaluatedItems`. */
export class Evaluated {
  readonly properties = new Set<string>();
  allProperties = false;
  /** All items before this one. */
  items = 0;
  readonly singleItems = new Set<number>();

  add(other: Evaluated): void {
    other.properties.forEach((name) => this.properties.add(name));
    other.singleItems.forEach((index) => this.singleItems.add(index));
    this.allProperties ||= other.allProperties;
    this.items = Math.max(this.items, other.items);
  }
}

/** A check of a value; it reports what is wrong to the run. */
export type Check = (value: unknown, run: CheckRun, evaluated: Evaluated | undefined) => boolean;

/** The check of a message was given up. */
export class CheckStopped extends Error {}

/** How much of a run has gone by before results are kept, so that usual messages pay nothing for it. */
const STEPS_WITHOUT_MEMORY = 20_000;

/** What it costs to note what a schema has evaluated. */
const STEPS_TO_NOTE = 4;

/** One check of one message. */
export class CheckRun {
  readonly failures: Failure[] = [];
  readonly path: (string | number)[] = [];
  /** The resources that are being evaluated, outermost first. */
  readonly scope: unknown[] = [];
  propertyName: string | undefined;
  #steps = 0;
  #results: Map<Check, Map<unknown, boolean>> | undefined;

  /** True for a run that goes on after a failure. */
  readonly findsAll: boolean;
  /** True for a run that keeps the failures of all branches of a choice; they say why none was taken. */
  readonly keepsBranches: boolean;

  readonly #maxSteps: number;

  constructor(mode: 'first' | 'all' | 'all with branches', maxSteps: number) {
    this.#maxSteps = maxSteps;

    this.findsAll = mode !== 'first';
    this.keepsBranches = mode !== 'all';
  }

  /** Counts a step. @throws CheckStopped when there were too many. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#maxSteps) {
      throw new CheckStopped(`its check takes more than ${this.#maxSteps} steps`);
    }
  }

  /** The result of a check that does not depend on where it is made. In a long run it is kept for equal questions. */
  remembered(check: Check, value: unknown): boolean {
    if (this.#steps < STEPS_WITHOUT_MEMORY) return check(value, this, undefined);
    this.#results ??= new Map();
    const known = this.#results.get(check) ?? new Map<unknown, boolean>();
    this.#results.set(check, known);
    const result = known.get(value) ?? check(value, this, undefined);
    known.set(value, result);
    return result;
  }

  /** Reports a failure. @returns false, as the result of the check. */
  fail(
    keyword: string,
    schemaPath: string,
    message: string,
    params: Readonly<Record<string, unknown>> = {},
  ): false {
    this.failures.push({
      keyword,
      instancePath: this.path.map((step) => `/${escaped(step)}`).join(''),
      schemaPath,
      message,
      params,
      ...(this.propertyName === undefined ? {} : { propertyName: this.propertyName }),
    });
    return false;
  }

  /** Forgets the failures since there were so many: those of branches of a choice. */
  forget(count: number): void {
    this.failures.length = count;
  }
}

function escaped(step: string | number): string {
  return typeof step === 'number' ? String(step) : step.replace(/~/g, '~0').replace(/\//g, '~1');
}

/** Checks the same value with another schema, and takes over what that has evaluated. */
export function evaluatedBy(
  check: Check,
  value: unknown,
  run: CheckRun,
  evaluated: Evaluated | undefined,
): boolean {
  if (evaluated === undefined) return check(value, run, undefined);
  // What is noted of each value takes the time of some steps.
  run.step(STEPS_TO_NOTE);
  const own = new Evaluated();
  const fits = check(value, run, own);
  if (fits) evaluated.add(own);
  return fits;
}
