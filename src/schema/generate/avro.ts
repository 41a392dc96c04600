import type { AvroType } from '../avro/type';
import type { Choices } from './choices';

/** Nested deeper than this, only what must be there is generated. */
const MAX_DEPTH = 5;

/** A datum of an Avro type, in its JSON form. */
export function avroDatum(type: AvroType, choices: Choices, depth = 0): unknown {
  switch (type.kind) {
    case 'null':
      return null;
    case 'boolean':
      return choices.oneOf([false, true]);
    case 'int':
      return choices.integer(-2_147_483_648, 2_147_483_647);
    case 'long':
      return choices.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case 'float':
      return Math.fround(choices.integer(-1_000_000, 1_000_000) / 64);
    case 'double':
      return choices.integer(-1_000_000_000, 1_000_000_000) / 1024;
    case 'string':
      return choices.text(choices.length(0, undefined, 12));
    case 'bytes':
      return bytesText(choices.length(0, undefined, 12), choices);
    case 'fixed':
      return bytesText(type.size, choices);
    case 'enum':
      return choices.oneOf([...type.symbols]);
    case 'array':
      return Array.from({ length: itemsAt(depth, choices) }, () => avroDatum(type.items, choices, depth + 1));
    case 'map':
      return Object.fromEntries(
        Array.from({ length: itemsAt(depth, choices) }, (_, index) => [
          `key${index}`,
          avroDatum(type.values, choices, depth + 1),
        ]),
      );
    case 'record': {
      const there = type.fields.filter(
        ({ hasDefault }) => !hasDefault || (depth < MAX_DEPTH && choices.isPresent()),
      );
      return Object.fromEntries(
        there.map(({ name, type: field }) => [name, avroDatum(field, choices, depth + 1)]),
      );
    }
    case 'union':
      return avroDatum(branch(type.branches, choices, depth), choices, depth + 1);
  }
}

/** Deep down the shortest branch, so that a record that contains itself comes to an end. */
function branch(branches: readonly AvroType[], choices: Choices, depth: number): AvroType {
  const leaves = branches.filter(({ kind }) => kind !== 'record' && kind !== 'array' && kind !== 'map');
  return choices.oneOf(depth >= MAX_DEPTH && leaves.length > 0 ? leaves : branches);
}

function itemsAt(depth: number, choices: Choices): number {
  return depth >= MAX_DEPTH ? 0 : choices.length(0, 3, 2);
}

function bytesText(length: number, choices: Choices): string {
  return Array.from({ length }, () => String.fromCharCode(choices.integer(0, 255))).join('');
}
