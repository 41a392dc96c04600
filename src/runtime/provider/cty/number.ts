const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * A number from its decimal text: a JavaScript number when that prints the same decimal digits, else the text.
 * Terraform's numbers are exact decimals, so a rounded one would be a difference in every plan.
 * @throws TypeError when the text is not a number.
 */
export function numberFromText(text: string): number | string {
  const exact = canonicalDecimal(text);
  const number = Number(text);
  return Number.isFinite(number) && canonicalDecimal(String(number)) === exact ? number : text;
}

/** A number from a double, which stands for exactly its binary value: 0.1 as a double is not the decimal 0.1. */
export function numberFromDouble(double: number): number | string {
  if (Number.isSafeInteger(double)) return double;
  return numberFromText(Number.isInteger(double) ? BigInt(double).toString() : double.toPrecision(100));
}

/** Whether two numbers, given as JavaScript numbers or decimal texts, are the same. */
export function sameNumber(left: number | string, right: number | string): boolean {
  return left === right || canonicalDecimal(String(left)) === canonicalDecimal(String(right));
}

/** One spelling per number: the significant digits and the power of ten behind them, such as `-15e-1`. */
function canonicalDecimal(text: string): string {
  const match = DECIMAL.exec(text);
  if (match === null) throw new TypeError(`not a number: ${JSON.stringify(text)}`);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
