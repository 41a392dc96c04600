import { NativeExpression } from './hcl/native-expression';

/** The value of an attribute, or a whole block, in the form of JSON configuration. */
export type Json = null | string | number | boolean | readonly Json[] | JsonObject | NativeExpression;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A block with its labels: `resource "memphis_station" "orders"`. */
export interface Block {
  readonly labels: readonly string[];
  readonly body: JsonObject;
}

/** A member deep in a block; undefined when there is none. */
export function memberAt(json: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return json;
  return isObject(json) && Object.hasOwn(json, name) ? memberAt(json[name], rest) : undefined;
}

export function isObject(json: Json | undefined): json is JsonObject {
  return (
    typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof NativeExpression)
  );
}
