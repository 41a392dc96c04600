import { kindOf } from '../message-bytes';
import { shortened } from '../shortened';
import type { AvroRecord, AvroType } from './type';
import { branchName, isJsonObject } from './type';

/**
 * Why a JSON value is not a datum of an Avro type; undefined if it is one. bytes and fixed are text with code points 0
 * to 255, as in Avro's JSON encoding. The value of a union may be given bare (`"x"`) or with the name of its branch
 * (`{"string":"x"}`), because the clients of Memphis disagree on it. Unknown fields of records pass. Logical types are
 * not looked at.
 */
export function datumProblem(type: AvroType, value: unknown): string | undefined {
  return new DatumCheck(false).problem(type, value, '#');
}

/** The same for the default value of a field: there a union takes a bare value of its first branch only. */
export function defaultProblem(type: AvroType, value: unknown): string | undefined {
  return new DatumCheck(true).problem(type, value, '#');
}

/** A path has names of a message. */
const MAX_PATH = 200;

const TWO_TO_THE_63 = 2 ** 63;

class DatumCheck {
  /**
   * Branches that are known not to fit a value. Without it a message can be made, for a union of two recursive
   * records, whose check takes time exponential in its depth.
   */
  readonly #misfits = new Map<object, Set<AvroType>>();

  readonly #forDefault: boolean;

  constructor(forDefault: boolean) {
    this.#forDefault = forDefault;
  }

  problem(type: AvroType, value: unknown, path: string): string | undefined {
    switch (type.kind) {
      case 'null':
        return value === null ? undefined : expected('null', value, path);
      case 'boolean':
        return typeof value === 'boolean' ? undefined : expected('boolean', value, path);
      case 'int':
        return typeof value === 'number' && (value | 0) === value
          ? undefined
          : expected('int (a whole number from -2147483648 to 2147483647)', value, path);
      case 'long':
        // 2^63 itself passes: as a JavaScript number it is the same as 2^63 - 1, which is valid.
        return Number.isInteger(value) && Math.abs(Number(value)) <= TWO_TO_THE_63
          ? undefined
          : expected('long (a whole number of 64 bits)', value, path);
      case 'float':
      case 'double':
        return Number.isFinite(value) ? undefined : expected(type.kind, value, path);
      case 'string':
        return typeof value === 'string' ? undefined : expected('string', value, path);
      case 'bytes':
        return isBytesText(value)
          ? undefined
          : expected('bytes (text with code points 0 to 255)', value, path);
      case 'fixed':
        return isBytesText(value) && value.length === type.size
          ? undefined
          : expected(`${type.name} (text of ${type.size} code points 0 to 255)`, value, path);
      case 'enum':
        return typeof value === 'string' && type.symbols.has(value)
          ? undefined
          : expected(`${type.name} (one of ${[...type.symbols].join(', ')})`, value, path);
      case 'array':
        return this.#itemProblem(type.items, value, path);
      case 'map':
        return this.#valueProblem(type.values, value, path);
      case 'record':
        return this.#fieldProblem(type, value, path);
      case 'union':
        return this.#forDefault
          ? this.#firstBranchProblem(type.branches, value, path)
          : this.#branchProblem(type.branches, value, path);
    }
  }

  #itemProblem(items: AvroType, value: unknown, path: string): string | undefined {
    if (!Array.isArray(value)) return expected('array', value, path);
    for (const [index, item] of (value as unknown[]).entries()) {
      const problem = this.problem(items, item, `${path}/${index}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #valueProblem(values: AvroType, value: unknown, path: string): string | undefined {
    if (!isJsonObject(value)) return expected('map', value, path);
    for (const [key, item] of Object.entries(value)) {
      const problem = this.problem(values, item, `${path}/${key}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #fieldProblem(record: AvroRecord, value: unknown, path: string): string | undefined {
    if (!isJsonObject(value)) return expected(record.name, value, path);
    for (const field of record.fields) {
      if (!Object.hasOwn(value, field.name)) {
        if (field.hasDefault) continue;
        return `${shortened(path, MAX_PATH)}: ${record.name} must have the field ${JSON.stringify(field.name)}`;
      }
      const problem = this.problem(field.type, value[field.name], `${path}/${field.name}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #branchProblem(branches: readonly AvroType[], value: unknown, path: string): string | undefined {
    const wrapped = isJsonObject(value) ? Object.keys(value) : [];
    const [name] = wrapped;
    let inside: string | undefined;
    if (name !== undefined && wrapped.length === 1 && isJsonObject(value)) {
      const branch = branches.find((candidate) => branchName(candidate) === name);
      if (branch !== undefined && branch.kind !== 'null') {
        inside = this.#remembered(branch, value[name], `${path}/${name}`);
        if (inside === undefined) return undefined;
      }
    }
    let last: string | undefined;
    for (const branch of branches) {
      last = this.#remembered(branch, value, path);
      if (last === undefined) return undefined;
    }
    if (inside !== undefined) return inside;
    // With one branch besides null, what is wrong there says more than a list of branches.
    const others = branches.filter(({ kind }) => kind !== 'null');
    const [only] = others;
    if (others.length === 1 && only !== undefined && value !== null) return this.problem(only, value, path);
    return expected(`one of ${branches.map(branchName).join(', ')}`, value, path);
  }

  #firstBranchProblem(branches: readonly AvroType[], value: unknown, path: string): string | undefined {
    const [first] = branches;
    return first === undefined ? undefined : this.problem(first, value, path);
  }

  #remembered(type: AvroType, value: unknown, path: string): string | undefined {
    if (typeof value !== 'object' || value === null) return this.problem(type, value, path);
    const known = this.#misfits.get(value) ?? new Set<AvroType>();
    if (known.has(type)) return `${shortened(path, MAX_PATH)}: no ${branchName(type)}`;
    const problem = this.problem(type, value, path);
    if (problem !== undefined) this.#misfits.set(value, known.add(type));
    return problem;
  }
}

function isBytesText(value: unknown): value is string {
  return typeof value === 'string' && /^[\u0000-\u00ff]*$/.test(value);
}

function expected(what: string, value: unknown, path: string): string {
  return `${shortened(path, MAX_PATH)}: expected ${what}, found ${kindOf(value)}`;
}
