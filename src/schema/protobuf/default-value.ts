import type { FieldTypeName } from './descriptor-types';
import type { WrittenOption } from './parse-options';

const integerRanges: Partial<Record<FieldTypeName, readonly [least: bigint, greatest: bigint]>> = {};
for (const bits of [32n, 64n] as const) {
  const signed = [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] as const;
  const unsigned = [0n, 2n ** bits - 1n] as const;
  for (const name of ['int', 'sint', 'sfixed'] as const)
    integerRanges[`${name}${bits}` as FieldTypeName] = signed;
  for (const name of ['uint', 'fixed'] as const) integerRanges[`${name}${bits}` as FieldTypeName] = unsigned;
}

/**
 * The default value of a field as its descriptor holds it: text, numbers in decimal form.
 * @returns undefined if it does not fit the type.
 */
export function defaultValueText(type: FieldTypeName, option: WrittenOption): string | undefined {
  const { value, negative, bytes } = option;
  if (type === 'string') return bytes?.toString('utf8');
  if (type === 'bytes') return bytes === undefined ? undefined : escapedBytes(bytes);
  if (type === 'bool') return !negative && /^(true|false)$/.test(value.text) ? value.text : undefined;
  if (type === 'enum') return !negative && value.kind === 'name' ? value.text : undefined;
  const range = integerRanges[type];
  if (range === undefined) return floatText(value.kind, value.text, negative);
  if (value.kind !== 'integer') return undefined;
  const number = integerOf(value.text) * (negative ? -1n : 1n);
  return number >= range[0] && number <= range[1] ? String(number) : undefined;
}

function integerOf(text: string): bigint {
  return BigInt(/^0\d/.test(text) ? `0o${text.slice(1)}` : text);
}

/** A float as C's `%.15g` writes it, or `%.17g` where that loses something; that is what protoc does. */
function floatText(kind: string, text: string, negative: boolean): string | undefined {
  const sign = negative ? '-' : '';
  if (kind === 'name') return text === 'inf' || text === 'nan' ? sign + text : undefined;
  // The broker takes no suffix, unlike protoc.
  if ((kind !== 'integer' && kind !== 'float') || (kind === 'float' && /[fF]$/.test(text))) return undefined;
  const number = kind === 'integer' ? Number(integerOf(text)) : Number(text);
  if (!Number.isFinite(number)) return `${sign}inf`;
  if (number === 0) return `${sign}0`;
  const short = number.toExponential(14);
  const [digits = '', power = '0'] = (Number(short) === number ? short : number.toExponential(16)).split('e');
  const significant = digits.replace('.', '').replace(/0+$/, '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= (Number(short) === number ? 15 : 17)) {
    const mantissa = significant.replace(/^(.)(.+)/, '$1.$2');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = significant.padEnd(exponent + 1, '0');
  const fraction = whole.slice(exponent + 1);
  return `${sign}${whole.slice(0, exponent + 1)}${fraction === '' ? '' : `.${fraction}`}`;
}

const named: Readonly<Record<number, string>> = {
  10: '\\n',
  13: '\\r',
  9: '\\t',
  34: '\\"',
  39: "\\'",
  92: '\\\\',
};

/** Bytes as C writes them: printable characters as they are, all others in octal. */
function escapedBytes(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => {
      const known = named[byte];
      if (known !== undefined) return known;
      if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
      return `\\${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
}
