import type { Type } from '../cty/type';
import type { Value } from '../cty/value';

/** One parameter of a function. */
interface Parameter {
  /** Lower case letters, digits and underscores. */
  readonly name: string;
  readonly type: Type;
  /** Markdown. */
  readonly description: string;
}

/** A function that configurations call: `provider::memphis::internal_name("orders.eu")`. */
export interface ProviderFunction {
  /** Without the name of the provider: `internal_name`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Markdown. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly returns: Type;
  /**
   * Computes the result. Arguments have the types of the parameters; none is null or unknown. There is no client: hosts
   * call functions also in a process that is never configured.
   * @throws ArgumentError
   */
  call(values: readonly Value[]): Value;
}

/** What a function says of an argument that it cannot use; Terraform points at that argument. */
export class ArgumentError extends Error {
  /**
   * @param argument its place among the parameters, counted from 0
   * @param problem whole sentences
   */
  constructor(
    readonly argument: number,
    problem: string,
  ) {
    super(problem);
    this.name = 'ArgumentError';
  }
}
