import type { Expression } from './expression';

/** The value of an attribute in Terraform's own language, where JSON configuration has a string or a collection. */
export class NativeExpression {
  /** @param expression undefined for one that uses a part of the language which is not read here */
  constructor(readonly expression: Expression | undefined) {}

  /** A reference as it is written: `memphis.staging`. Undefined for any other expression. */
  get reference(): string | undefined {
    return this.expression === undefined ? undefined : referenceOf(this.expression);
  }
}

/** `memphis.staging` */
export function referenceOf(expression: Expression): string | undefined {
  if (expression.is === 'variable') return expression.name;
  if (expression.is === 'literal') return typeof expression.value === 'string' ? expression.value : undefined;
  if (expression.is !== 'attribute') return undefined;
  const of = referenceOf(expression.of);
  return of === undefined ? undefined : `${of}.${expression.name}`;
}
