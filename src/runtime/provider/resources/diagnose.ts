import type { Fields } from '../../../model/field';
import { fieldNames, terraformName } from '../../../model/field';
import { MemphisError } from '../../../model/errors';
import type { Checks } from '../../../model/validation';
import { problemsOf } from '../../../model/validation';
import type { Values } from '../cty/value';
import { isUnknown } from '../cty/value';
import type { Diagnostic } from '../framework/diagnostics';

/** A refusal or a failure as Terraform shows it: what was attempted in bold, below it what came back and what to do. */
export function diagnosticFor(error: MemphisError, attribute?: string): Diagnostic {
  return {
    severity: 'error',
    summary: headline(error),
    detail: body(error),
    ...(attribute === undefined ? {} : { attribute }),
  };
}

function headline(error: MemphisError): string {
  return `Could not ${error.attempted}`;
}

function body(error: MemphisError): string {
  return [
    `${capital(error.found)}.`.replace(/([.!?:\n])\.$/, '$1'),
    error.next === '' ? '' : `${error.next}.`.replace(/\.\.$/, '.'),
    `(${error.code})`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A sentence begins with a capital letter, unless its first word is a name or an address. */
function capital(text: string): string {
  if (!/^[a-z]+(?=[\s,]|:\s|$)/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Runs something of the engine so that its errors reach Terraform with headline and detail apart. */
export async function explained<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof MemphisError)
      throw new Error(`${headline(error)}\n${body(error)}`, { cause: error });
    throw error;
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
  return problemsOf(declaration, { fields, rules, isUnknown: (value) => isUnknown(value as never) }).map(
    (problem) => {
      const field = fieldNames(fields).find((name) => problem.startsWith(`${name} `));
      return {
        severity: 'error' as const,
        summary: `Illegal value${field === undefined ? '' : ` of ${terraformName(field)}`}`,
        detail: `${problem}.`,
        ...(field === undefined ? {} : { attribute: terraformName(field) }),
      };
    },
  );
}
