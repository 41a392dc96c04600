import type { ContentProblem } from '../content-problem';
import { JsonPlaces } from '../json-places';
import { JsonTextError, parseJsonText } from '../json-text';
import { remembered } from '../remembered';
import { unlessTooDeep } from '../stack-overflow';
import { withPlace } from '../text-place';
import { defaultProblem } from './datum';
import type { AvroField, AvroRecord, AvroType, JsonObject } from './type';
import { branchName, isAvroPrimitive, isJsonObject } from './type';

/** An Avro schema that can be used, or why it cannot. */
export type AvroContent =
  | { readonly type: AvroType; readonly problems?: undefined }
  | { readonly type?: undefined; readonly problems: readonly ContentProblem[] };

/** Reads and checks an Avro schema. The text of a bare type name (`string`, without quotes) is one too. */
export const readAvroSchema = remembered((content): AvroContent => {
  let schema: unknown;
  try {
    schema = JSON.parse(content);
  } catch (error) {
    return isAvroPrimitive(content) ? { type: { kind: content } } : { problems: [notJson(content, error)] };
  }
  const reader = new AvroReader();
  const type = unlessTooDeep(
    () => reader.type(schema, '', '#'),
    (what) => reader.problem(what, '#'),
  );
  reader.checkDefaults();
  if (reader.problems.length === 0) return { type };
  const places = new JsonPlaces(content);
  return {
    problems: reader.problems.map(({ what, path }) => ({
      broker: what,
      person: withPlace(`${path}: ${what}`, places.of(path)),
    })),
  };
});

function notJson(content: string, error: unknown): ContentProblem {
  // The broker takes text that is not JSON for the name of a type.
  const broker = `unknown type: ${content}`;
  try {
    parseJsonText(content);
  } catch (where) {
    if (where instanceof JsonTextError) return { broker, person: where.message };
  }
  return { broker, person: String(error) };
}

/** Stands for a part that could not be read, so that the rest can be looked at. */
const unreadable: AvroType = { kind: 'null' };

class AvroReader {
  readonly problems: { readonly what: string; readonly path: string }[] = [];
  readonly #named = new Map<string, AvroType>();
  /** The records whose fields are being read. */
  readonly #open = new Set<AvroType>();
  readonly #defaults: { readonly type: AvroType; readonly value: unknown; readonly path: string }[] = [];

  type(schema: unknown, namespace: string, path: string): AvroType {
    if (typeof schema === 'string') return this.#reference(schema, namespace, path);
    // The broker reads JSON's null as the name of the type.
    if (schema === null) return { kind: 'null' };
    if (Array.isArray(schema)) return this.#union(schema, namespace, path);
    if (!isJsonObject(schema)) return this.problem(`unknown type: ${JSON.stringify(schema)}`, path);
    const { type } = schema;
    this.#attributes(schema, path);
    if (Array.isArray(type)) return this.#union(type, namespace, `${path}/type`);
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(schema, type, namespace, path);
      case 'enum':
        return this.#enum(schema, namespace, path);
      case 'fixed':
        return this.#fixed(schema, namespace, path);
      case 'array':
        if (schema.items === undefined) return this.problem('array must have an items key', path);
        return { kind: 'array', items: this.type(schema.items, namespace, `${path}/items`) };
      case 'map':
        if (schema.values === undefined) return this.problem('map must have a values key', path);
        return { kind: 'map', values: this.type(schema.values, namespace, `${path}/values`) };
      default:
        if (typeof type === 'string') return this.#reference(type, namespace, `${path}/type`);
        return this.problem(`unknown type: ${JSON.stringify(schema)}`, path);
    }
  }

  /** Defaults are looked at last: the type of a field may be complete only then. */
  checkDefaults(): void {
    if (this.problems.length > 0) return;
    for (const { type, value, path } of this.#defaults) {
      const problem = defaultProblem(type, value);
      if (problem !== undefined)
        this.problem(`invalid default: ${problem.replace(/^#/, '').replace(/^: /, '')}`, path);
    }
  }

  #reference(name: string, namespace: string, path: string): AvroType {
    if (isAvroPrimitive(name)) return { kind: name };
    const known = this.#named.get(fullName(name, namespace));
    return known ?? this.problem(`unknown type: ${name}`, path);
  }

  #union(branches: readonly unknown[], namespace: string, path: string): AvroType {
    if (branches.length === 0) return this.problem('union must have at least one type', path);
    const types = branches.map((branch, index) => this.type(branch, namespace, `${path}/${index}`));
    const seen = new Set<string>();
    for (const [index, type] of types.entries()) {
      if (type === unreadable) continue;
      const name = branchName(type);
      if (type.kind === 'union') this.problem('union type cannot be a union', `${path}/${index}`);
      else if (seen.has(name)) this.problem(`duplicate type in union: ${name}`, `${path}/${index}`);
      seen.add(name);
    }
    return { kind: 'union', branches: types };
  }

  #record(schema: JsonObject, kind: string, namespace: string, path: string): AvroType {
    const name = this.#name(schema, namespace, path);
    const fields: AvroField[] = [];
    const record: AvroRecord = { kind: 'record', name, fields };
    this.#define(record, path);
    if (!Array.isArray(schema.fields)) return this.problem(`${kind} must have an array of fields`, path);
    const names = new Set<string>();
    // The broker resolves names inside of a record in its namespace attribute, and ignores the one in a dotted name.
    const inner = typeof schema.namespace === 'string' ? schema.namespace : namespace;
    this.#open.add(record);
    for (const [index, field] of (schema.fields as unknown[]).entries()) {
      const read = this.#field(field, inner, `${path}/fields/${index}`);
      if (read === undefined) continue;
      if (names.has(read.name)) this.problem(`duplicate field: ${read.name}`, `${path}/fields/${index}`);
      names.add(read.name);
      fields.push(read);
    }
    this.#open.delete(record);
    return record;
  }

  #field(field: unknown, namespace: string, path: string): AvroField | undefined {
    if (!isJsonObject(field)) return void this.problem('field must be an object', path);
    const { name, order } = field;
    this.#attributes(field, path, isSimpleName);
    if (typeof name !== 'string') return void this.problem('field must have a name', path);
    if (!isSimpleName(name)) return void this.problem(`invalid name ${JSON.stringify(name)}`, `${path}/name`);
    if (field.type === undefined) return void this.problem(`field ${name} must have a type`, path);
    if (
      isGiven(order) &&
      order !== '' &&
      order !== 'ascending' &&
      order !== 'descending' &&
      order !== 'ignore'
    ) {
      this.problem(`invalid order of field ${name}: ${JSON.stringify(order)}`, `${path}/order`);
    }
    const type = this.type(field.type, namespace, `${path}/type`);
    const hasDefault = Object.hasOwn(field, 'default');
    if (hasDefault) this.#default(type, field.default, `${path}/default`);
    return { name, type, hasDefault };
  }

  #default(type: AvroType, value: unknown, path: string): void {
    // The broker checks a default at once, and dies of a record whose fields it does not know yet.
    const incomplete = recordWithin(type, value, this.#open);
    if (incomplete === undefined) this.#defaults.push({ type, value, path });
    else {
      this.problem(
        `invalid default: it holds a ${incomplete.name}, whose fields are not complete here; such a schema crashes the broker, so it is not sent`,
        path,
      );
    }
  }

  #enum(schema: JsonObject, namespace: string, path: string): AvroType {
    const name = this.#name(schema, namespace, path);
    const symbols = schema.symbols;
    if (!Array.isArray(symbols) || symbols.length === 0) {
      return this.problem('enum must have a non-empty array of symbols', path);
    }
    const seen = new Set<string>();
    for (const [index, symbol] of (symbols as unknown[]).entries()) {
      const at = `${path}/symbols/${index}`;
      if (typeof symbol !== 'string' || !isSimpleName(symbol)) {
        this.problem(`invalid symbol: ${JSON.stringify(symbol)}`, at);
        continue;
      }
      if (seen.has(symbol)) this.problem(`duplicate symbol: ${symbol}`, at);
      seen.add(symbol);
    }
    const fallback = schema.default;
    if (isGiven(fallback) && fallback !== '' && !(typeof fallback === 'string' && seen.has(fallback))) {
      this.problem(`symbol default must be a symbol: ${JSON.stringify(fallback)}`, `${path}/default`);
    }
    return this.#define({ kind: 'enum', name, symbols: seen }, path);
  }

  #fixed(schema: JsonObject, namespace: string, path: string): AvroType {
    const name = this.#name(schema, namespace, path);
    const size = schema.size;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      return this.problem('fixed must have a size', path);
    }
    return this.#define({ kind: 'fixed', name, size }, path);
  }

  /** The full name of a named type. */
  #name(schema: JsonObject, namespace: string, path: string): string {
    const { name, namespace: own } = schema;
    if (typeof name !== 'string' || name === '') {
      this.problem(`${String(schema.type)} must have a name`, path);
      return '';
    }
    if (own !== undefined && (typeof own !== 'string' || own === '')) {
      this.problem('namespace key must be non-empty or omitted', `${path}/namespace`);
    }
    const full = fullName(name, typeof own === 'string' ? own : namespace);
    if (!full.split('.').every(isSimpleName))
      this.problem(`invalid name ${JSON.stringify(full)}`, `${path}/name`);
    return full;
  }

  /** Attributes that any type or field may have; they only have to be of the right kind. `null` counts as left out. */
  #attributes(
    schema: JsonObject,
    path: string,
    isAlias = (alias: string): boolean => alias.split('.').every(isSimpleName),
  ): void {
    for (const name of ['doc', 'logicalType'] as const) {
      if (isGiven(schema[name]) && typeof schema[name] !== 'string') {
        this.problem(`${name} must be a string`, `${path}/${name}`);
      }
    }
    for (const name of ['precision', 'scale'] as const) {
      const isRead =
        schema.type === 'fixed' || (typeof schema.type === 'string' && isAvroPrimitive(schema.type));
      if (isRead && isGiven(schema[name]) && typeof schema[name] !== 'number') {
        this.problem(`${name} must be a number`, `${path}/${name}`);
      }
    }
    const { aliases } = schema;
    if (!isGiven(aliases)) return;
    if (!Array.isArray(aliases) || !aliases.every((alias) => typeof alias === 'string' && isAlias(alias))) {
      this.problem('aliases must be an array of names', `${path}/aliases`);
    }
  }

  #define(type: AvroType & { readonly name: string }, path: string): AvroType {
    if (this.#named.has(type.name)) this.problem(`duplicate name: ${type.name}`, path);
    this.#named.set(type.name, type);
    return type;
  }

  problem(what: string, path: string): AvroType {
    this.problems.push({ what, path });
    return unreadable;
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isSimpleName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** The first of some records that a default value has an object for. */
function recordWithin(
  type: AvroType,
  value: unknown,
  records: ReadonlySet<AvroType>,
): AvroRecord | undefined {
  const firstOf = (parts: readonly (readonly [AvroType, unknown])[]): AvroRecord | undefined => {
    for (const [partType, part] of parts) {
      const found = recordWithin(partType, part, records);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (type.kind) {
    case 'union': {
      const [first] = type.branches;
      return first === undefined ? undefined : recordWithin(first, value, records);
    }
    case 'array':
      return Array.isArray(value) ? firstOf(value.map((item: unknown) => [type.items, item])) : undefined;
    case 'map':
      return isJsonObject(value)
        ? firstOf(Object.values(value).map((item) => [type.values, item]))
        : undefined;
    case 'record':
      if (!isJsonObject(value)) return undefined;
      if (records.has(type)) return type;
      return firstOf(
        type.fields.flatMap(({ name, type: fieldType }) =>
          Object.hasOwn(value, name) ? [[fieldType, value[name]] as const] : [],
        ),
      );
    default:
      return undefined;
  }
}
