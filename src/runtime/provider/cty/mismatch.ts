/** A value does not have the type that the schema declares. The message names the place, never the value. */
export class ValueMismatch extends TypeError {
  constructor(
    readonly path: readonly (string | number)[],
    expected: string,
    found: string,
  ) {
    super(`${pathText(path)}: expected ${expected}, found ${found}.`);
    this.name = 'ValueMismatch';
  }
}

/** A path as Terraform writes it: `labels["a"][0]`. */
export function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the whole value';
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
