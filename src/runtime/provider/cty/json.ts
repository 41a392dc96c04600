import { ValueMismatch } from './mismatch';
import { numberFromText } from './number';
import type { Type } from './type';
import { typeFromJson, typeToJson } from './type';
import type { Value } from './value';
import { Dynamic, isFields, isWhollyKnown } from './value';

type Path = readonly (string | number)[];

/**
 * A value of a type from the JSON of a state file. Digits that a JavaScript number cannot hold are lost here, since
 * `JSON.parse` loses them.
 * @throws ValueMismatch when the JSON does not fit the type.
 */
export function valueFromJson(type: Type, text: string): Value {
  return fromJson(type, JSON.parse(text), []);
}

/**
 * The JSON of a value as state files hold it.
 * @throws TypeError when the value is not wholly known: a state holds no unknowns.
 */
export function valueToJson(type: Type, value: Value): string {
  if (!isWhollyKnown(value)) throw new TypeError('A value that is not wholly known has no JSON form.');
  return JSON.stringify(toJson(type, value));
}

function fromJson(type: Type, json: unknown, path: Path): Value {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case 'string':
      if (typeof json === 'string') return json;
      break;
    case 'number':
      if (typeof json === 'number') return json;
      if (typeof json === 'string') return numberFromText(json);
      break;
    case 'bool':
      if (typeof json === 'boolean') return json;
      break;
    case 'list':
    case 'set':
      if (Array.isArray(json))
        return json.map((each, index) => fromJson(type.element, each, [...path, index]));
      break;
    case 'tuple':
      if (Array.isArray(json) && json.length === type.elements.length) {
        return type.elements.map((each, index) => fromJson(each, json[index], [...path, index]));
      }
      break;
    case 'map':
      if (isRecord(json)) {
        return Object.fromEntries(
          Object.entries(json).map(([key, each]) => [key, fromJson(type.element, each, [...path, key])]),
        );
      }
      break;
    case 'object':
      if (isRecord(json)) {
        return Object.fromEntries(
          Object.entries(type.attributes).map(([name, each]) => [
            name,
            fromJson(each, Object.hasOwn(json, name) ? json[name] : null, [...path, name]),
          ]),
        );
      }
      break;
    case 'dynamic':
      if (isRecord(json)) {
        const actual = typeFromJson(json.type);
        return new Dynamic(actual, fromJson(actual, json.value, path));
      }
      break;
  }
  throw new ValueMismatch(path, `a value of type ${JSON.stringify(typeToJson(type))}`, `a ${typeof json}`);
}

function toJson(type: Type, value: Value | undefined): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'list':
    case 'set':
      return (value as readonly Value[]).map((each) => toJson(type.element, each));
    case 'tuple':
      return type.elements.map((each, index) => toJson(each, (value as readonly Value[])[index]));
    case 'map':
      if (!isFields(value)) return null;
      return Object.fromEntries(
        Object.entries(value).map(([key, each]) => [key, toJson(type.element, each)]),
      );
    case 'object':
      if (!isFields(value)) return null;
      return Object.fromEntries(
        Object.entries(type.attributes).map(([name, each]) => [name, toJson(each, value[name])]),
      );
    case 'dynamic':
      if (!(value instanceof Dynamic)) return null;
      return { value: toJson(value.type, value.value), type: typeToJson(value.type) };
    default:
      return value;
  }
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
