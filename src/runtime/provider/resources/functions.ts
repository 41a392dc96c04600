import { sentence } from '../../../model/error-text';
import type { FunctionFacts } from '../../../model/functions';
import { functionTable } from '../../../model/functions';
import { t } from '../cty/type';
import type { ProviderFunction } from '../framework/function';
import { ArgumentError } from '../framework/function';

const types = { text: t.string, integer: t.number };

/** The functions of the table, as Terraform calls them. */
export const providerFunctions: readonly ProviderFunction[] = functionTable.map(functionOf);

function functionOf({ parameters, returns, compute, ...texts }: FunctionFacts): ProviderFunction {
  return {
    ...texts,
    parameters: parameters.map(({ name, type, description }) => ({ name, type: types[type], description })),
    returns: types[returns],
    call: (values) => {
      for (const [index, parameter] of parameters.entries()) {
        const problem = parameter.problem(values[index]);
        if (problem !== undefined) throw new ArgumentError(index, sentence(problem));
      }
      return compute(...(values as readonly (string | number)[]));
    },
  };
}
