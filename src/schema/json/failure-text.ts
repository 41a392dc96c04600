import type { Failure } from './check';
import { instancePath, quotedName } from './instance-path';
import { shortened } from '../shortened';

/** More than this many failures of one check only come from a long choice (anyOf, oneOf). */
const MAX_FIRST = 10;
const MAX_FURTHER = 5;
const MAX_VALUES = 10;
const MAX_VALUE_LENGTH = 40;

/**
 * Why a message does not fit. It begins as users of the Memphis SDK for Node.js know it, with places in the schema.
 * Behind that stands where in the message it is and what would be right, then what else is wrong. It has names of
 * properties, but never a value of the message, as that may be secret.
 */
export function failureText(
  first: readonly Failure[],
  further: readonly Failure[],
  message: unknown,
): string {
  const rest = first.length - MAX_FIRST;
  // The last one is what the others lead to.
  const shownErrors = rest > 0 ? [...first.slice(0, MAX_FIRST - 1), ...first.slice(-1)] : first;
  const known = shownErrors.map(sdkText);
  if (rest > 0) known.splice(-1, 0, `${rest} more`);
  const hints = shownErrors.map((error) => hint(error, message));
  return known.join(', ') + parenthesised(hints) + furtherText(further, message);
}

function sdkText(error: Failure): string {
  const said = error.message;
  return error.instancePath === '' ? said : `${error.schemaPath} ${said}`;
}

/** Where it is and what would be right. */
function hint(error: Failure, message: unknown): string {
  const where = instancePath(error.instancePath, message);
  return [where === '' ? '' : `at ${where}`, remark(error)].filter((part) => part !== '').join(': ');
}

/** What the text of a failure leaves out. */
function remark(error: Failure): string {
  const { params } = error;
  const name =
    params.additionalProperty ?? params.unevaluatedProperty ?? params.propertyName ?? error.propertyName;
  if (typeof name === 'string') return `property ${quotedName(name)}`;
  if (Array.isArray(params.allowedValues)) return allowedText(params.allowedValues);
  return 'allowedValue' in params ? allowedText([params.allowedValue]) : '';
}

function allowedText(values: readonly unknown[]): string {
  const shown = values
    .slice(0, MAX_VALUES)
    .map((value) => shortened(JSON.stringify(value), MAX_VALUE_LENGTH));
  const rest = values.length - shown.length;
  return `allowed ${values.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function furtherText(further: readonly Failure[], message: unknown): string {
  const texts = new Set<string>();
  let seen = 0;
  // A message may have thousands of them, so only those that are told are put into words.
  for (const error of further) {
    if (texts.size === MAX_FURTHER) break;
    seen += 1;
    const where = instancePath(error.instancePath, message);
    const said = error.message;
    texts.add((where === '' ? said : `${where} ${said}`) + parenthesised([remark(error)]));
  }
  if (texts.size === 0) return '';
  const rest = further.length - seen;
  return `; also: ${[...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')}`;
}

function parenthesised(texts: readonly string[]): string {
  const told = new Set(texts.filter((text) => text !== ''));
  return told.size === 0 ? '' : ` (${[...told].join('; ')})`;
}
