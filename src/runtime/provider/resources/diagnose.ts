import type { Fields } from '../../../model/field';
import { fieldNames, terraformName } from '../../../model/field';
import type { TerraformText } from '../../../model/error-text';
import { sentence, terraformText } from '../../../model/error-text';
import { ConnectionError, MemphisError, TimeoutError } from '../../../model/errors';
import type { Checks } from '../../../model/validation';
import { problemsOf } from '../../../model/validation';
import type { Values } from '../cty/value';
import { isUnknown } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';

/** A refusal or a failure as Terraform shows it, at an attribute where it is about one. */
export function diagnosticFor(error: MemphisError, attribute?: string): Diagnostic {
  return {
    severity: 'error',
    ...terraformText(error),
    ...(attribute === undefined ? {} : { attribute }),
  };
}

/** Something that the user should know of, although nothing is refused. */
export function warning(summary: string, detail: string): Diagnostic {
  return { severity: 'warning', summary, detail };
}

/** A text at the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Runs something of the engine so that its errors reach Terraform with summary and detail apart.
 * @param outage of the broker that the action needs; it shortens all errors after the first that say the same.
 */
export async function explained<T>(action: () => Promise<T>, outage?: Outage): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof MemphisError)) throw error;
    const { summary, detail } = outage?.textOf(error) ?? terraformText(error);
    throw new Error(`${summary}\n${detail}`, { cause: error });
  }
}

/**
 * Tells the first error about an unreachable broker from those that follow from the same outage. Terraform goes on with
 * every resource that is left, and each would repeat the whole reason. One for each broker in a process.
 */
export class Outage {
  #isReported = false;

  /** True when the broker could not be reached. */
  get isReported(): boolean {
    return this.#isReported;
  }

  /** The layout of an error: whole, or one line when the outage has been reported. */
  textOf(error: MemphisError): TerraformText {
    if (!(error instanceof ConnectionError || error instanceof TimeoutError)) return terraformText(error);
    if (this.#isReported) {
      const found = 'the broker is still unreachable; the longer error of this run says why';
      return { summary: `${terraformText(error).summary}: ${found}`, detail: '' };
    }
    this.#isReported = true;
    return terraformText(error);
  }
}

/** Everything that is wrong with a configuration, each problem at its attribute. */
export function problemDiagnostics<D extends object>(
  fields: Fields<D>,
  rules: NonNullable<Checks<D>['rules']>,
  config: Values,
): Diagnostic[] {
  const declaration = Object.fromEntries(
    fieldNames(fields).map((name) => [name, config[terraformName(name)] ?? undefined]),
  ) as D;
  return problemsOf(declaration, { fields, rules, isUnknown: isUnknownValue }).map((problem) => {
    const field = fieldNames(fields).find((name) => problem.startsWith(`${name} `));
    return {
      severity: 'error' as const,
      summary: field === undefined ? 'Invalid values' : `Invalid value for ${terraformName(field)}`,
      detail: sentence(problem),
      // Terraform shows the line of the attribute, in which a secret may be written.
      ...(field === undefined || fields[field].secret === true ? {} : { attribute: terraformName(field) }),
    };
  });
}

function isUnknownValue(value: unknown): boolean {
  return isUnknown(value as never);
}
