import { decodeValue, encodeValue } from '../cty/msgpack';
import type { Handlers, WireFunction } from '../wire/messages';
import type { ProviderFunction } from './function';
import { ArgumentError } from './function';
import { toWireType } from './wire-forms';

type FunctionCall = 'GetFunctions' | 'CallFunction';

const MARKDOWN = 1;

/** The calls about functions. They need no client. */
export function functionCalls(functions: readonly ProviderFunction[]): Pick<Handlers, FunctionCall> {
  const byName = new Map(functions.map((each) => [each.name, each]));
  return {
    GetFunctions: () => ({ functions: toWireFunctions(functions) }),
    CallFunction: ({ name, arguments: values }) => {
      try {
        const called = byName.get(name);
        if (called === undefined) throw new Error(`This provider has no function ${name}.`);
        const given = called.parameters.map(({ type }, index) =>
          decodeValue(type, values[index]?.msgpack ?? NULL),
        );
        return { result: { msgpack: encodeValue(called.returns, called.call(given)) } };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return {
          error: { text, ...(error instanceof ArgumentError ? { functionArgument: error.argument } : {}) },
        };
      }
    },
  };
}

const NULL = Uint8Array.of(0xc0);

/** The functions as a schema lists them, by name. */
export function toWireFunctions(functions: readonly ProviderFunction[]): Record<string, WireFunction> {
  return Object.fromEntries(
    functions.map(({ name, summary, description, parameters, returns }) => [
      name,
      {
        parameters: parameters.map((parameter) => ({
          name: parameter.name,
          type: toWireType(parameter.type),
          description: parameter.description,
          descriptionKind: MARKDOWN,
        })),
        return: { type: toWireType(returns) },
        summary,
        description,
        descriptionKind: MARKDOWN,
      },
    ]),
  );
}
