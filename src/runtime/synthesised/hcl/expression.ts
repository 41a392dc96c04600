/** The syntax tree of an expression in Terraform's language. */
export type Expression =
  | { readonly is: 'literal'; readonly value: string | number | boolean | null }
  /** Parts that are put together as one string. */
  | { readonly is: 'template'; readonly parts: readonly Expression[] }
  | { readonly is: 'variable'; readonly name: string }
  | { readonly is: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly is: 'index'; readonly of: Expression; readonly key: Expression }
  /** `of[*]` with the steps that follow it, applied to `splatItem`. */
  | { readonly is: 'splat'; readonly of: Expression; readonly each: Expression }
  | { readonly is: 'splatItem' }
  | {
      readonly is: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      /** True when the last argument is a list of arguments: `f(x...)`. */
      readonly spreads: boolean;
    }
  | { readonly is: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly is: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly is: 'conditional';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly is: 'tuple'; readonly items: readonly Expression[] }
  | { readonly is: 'object'; readonly items: readonly (readonly [Expression, Expression])[] }
  | ForExpression;

/** `[for k, v in of : value if condition]`, or with braces and `key => value`. */
export interface ForExpression {
  readonly is: 'for';
  readonly keyName: string | undefined;
  readonly valueName: string;
  readonly of: Expression;
  /** Present with braces: the result is an object. */
  readonly key: Expression | undefined;
  readonly value: Expression;
  readonly condition: Expression | undefined;
  /** True with `...`: values of one key are collected in a list. */
  readonly groups: boolean;
}

/** A body of attributes alone, such as a `.tfvars` file. */
export type Attributes = ReadonlyMap<string, Expression>;
