import type { ErrorObject, ValidateFunction } from 'ajv/dist/core';
import { createContext, Script } from 'node:vm';
import { dialectOf, newAjv } from './dialect';

/** A larger message may have as many failures as bytes. */
const MAX_BYTES = 64 * 1024;
/** A check that does not end at the first failure may take very long, as limits of a schema guard what comes after them. */
const MAX_MS = 200;
/** Only these can take more time than the message has bytes; without them a watch would cost more than the check. */
const slowKeywords = /"(?:pattern|patternProperties|format|uniqueItems|\$ref|\$dynamicRef|\$recursiveRef)":/;

/** Finds what else is wrong with messages that do not fit a schema. Costs nothing until there is such a message. */
export class FurtherFailures {
  readonly #schema: unknown;
  /** Undefined until it is needed, null where it took too long or cannot be made. */
  #validate: ValidateFunction | null | undefined;
  #isSlow = false;

  constructor(schema: unknown) {
    this.#schema = schema;
  }

  /** The failures of a message of `size` bytes that are not among the first ones. */
  of(message: unknown, size: number, first: readonly ErrorObject[]): ErrorObject[] {
    if (size > MAX_BYTES) return [];
    if (this.#validate === undefined) {
      this.#validate = validatorOf(this.#schema);
      this.#isSlow = slowKeywords.test(JSON.stringify(this.#schema));
    }
    const validate = this.#validate;
    if (validate === null) return [];
    if (!ends(() => validate(message), this.#isSlow)) {
      this.#validate = null;
      return [];
    }
    const errors = withoutBranches(validate.errors ?? []);
    validate.errors = null;
    const places = new Set(first.map(({ instancePath }) => instancePath));
    const known = new Set(first.map(identity));
    return errors.filter((error) => !places.has(error.instancePath) || !known.has(identity(error)));
  }
}

function validatorOf(schema: unknown): ValidateFunction | null {
  const dialect = dialectOf(schema);
  if (dialect === undefined) return null;
  try {
    return newAjv(dialect, { allErrors: true, validateSchema: false }).compile(schema as object | boolean);
  } catch {
    // The first failure is known; trouble with further ones must not take its place.
    return null;
  }
}

/** Made once, as that takes longer than a check. */
let watched: { readonly place: { run?: () => unknown }; readonly script: Script } | undefined;

/** Runs something that waits for nothing; false if it threw, or was cut off under the watch. */
function ends(run: () => unknown, underWatch: boolean): boolean {
  try {
    if (underWatch) runInTime(run);
    else run();
    return true;
  } catch {
    return false;
  }
}

/** Nothing but a script of its own can be cut off, a regular expression in it too. */
function runInTime(run: () => unknown): void {
  watched ??= { place: createContext({}), script: new Script('run()') };
  const { place, script } = watched;
  try {
    place.run = run;
    script.runInContext(place, { timeout: MAX_MS });
  } finally {
    // It must not keep the message.
    delete place.run;
  }
}

function identity({ instancePath, schemaPath, params }: ErrorObject): string {
  return JSON.stringify([instancePath, schemaPath, params]);
}

const choices = new Set(['anyOf', 'oneOf', 'contains']);

/**
 * Without the failures that only say why a branch of a choice was not taken, and without those that say no more than that
 * there are others. Failures of branches stand right before that of their choice.
 */
function withoutBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (choices.has(error.keyword)) {
      for (let last = kept.at(-1); last !== undefined && isBranch(last, error); last = kept.at(-1))
        kept.pop();
    }
    if (error.keyword !== 'if' && error.keyword !== 'propertyNames') kept.push(error);
  }
  return kept;
}

function isBranch(error: ErrorObject, choice: ErrorObject): boolean {
  if (!`${error.instancePath}/`.startsWith(`${choice.instancePath}/`)) return false;
  if (error.schemaPath.startsWith(`${choice.schemaPath}/`)) return true;
  // A branch that is a reference has the place of its definition; what stands beside the choice has not.
  const parent = choice.schemaPath.slice(0, choice.schemaPath.lastIndexOf('/') + 1);
  return (
    !error.schemaPath.startsWith(parent) ||
    /^(\$defs|definitions)\//.test(error.schemaPath.slice(parent.length))
  );
}
