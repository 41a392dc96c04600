import { formatsPackage } from '../codec-packages';
import { brokerFormats } from './dialect';
import { hasScheme, uriProblem } from './go-uri';
import { jsonSchemaPattern } from './pattern';

/** A format of strings, or of numbers. */
export interface Format {
  readonly ofNumbers: boolean;
  test(value: string | number): boolean;
}

/** A longer text has none of the formats that a regular expression checks: their time may grow with its square. */
const MAX_LENGTH = 4096;

/** The check of a format; undefined for a format that nobody knows, which says nothing. */
export function formatCheck(name: string): Format | undefined {
  if (name === 'regex') return { ofNumbers: false, test: (text) => isPattern(String(text)) };
  if (name === brokerFormats.reference)
    return { ofNumbers: false, test: (text) => uriProblem(String(text)) === undefined };
  if (name === brokerFormats.uri) {
    return {
      ofNumbers: false,
      test: (text) => hasScheme(String(text)) && uriProblem(String(text)) === undefined,
    };
  }
  const { fullFormats } = formatsPackage();
  if (!Object.hasOwn(fullFormats, name)) return undefined;
  const format = fullFormats[name as keyof typeof fullFormats] as unknown;
  if (format === true) return undefined;
  const { type, validate } = (
    typeof format === 'object' && !(format instanceof RegExp) ? format : { validate: format }
  ) as { readonly type?: string; readonly validate: RegExp | ((value: string | number) => boolean) };
  const ofNumbers = type === 'number';
  if (typeof validate === 'function') {
    return { ofNumbers, test: (value) => (name === 'byte' || isShort(value)) && validate(value) };
  }
  return { ofNumbers, test: (value) => isShort(value) && validate.test(String(value)) };
}

function isShort(value: string | number): boolean {
  return typeof value === 'number' || value.length <= MAX_LENGTH;
}

function isPattern(text: string): boolean {
  try {
    jsonSchemaPattern(text);
    return true;
  } catch {
    return false;
  }
}
