import type { EnumDescriptor, MessageDescriptor, NumberRange } from './descriptor-types';
import { readOptionList } from './parse-options';
import type { TokenReader } from './token-reader';
import type { Place } from './tokens';

export const MAX_FIELD_NUMBER = 2 ** 29 - 1;
export const MIN_INT32 = -(2 ** 31);
export const MAX_INT32 = 2 ** 31 - 1;

/** Reads lists of numbers and ranges: `reserved 5, 7 to 9, 20 to max;`. */
export class RangeReader {
  readonly #reader: TokenReader;
  readonly #places: Map<object, Place>;

  constructor(reader: TokenReader, places: Map<object, Place>) {
    this.#reader = reader;
    this.#places = places;
  }

  extensions(message: MessageDescriptor): void {
    const reader = this.#reader;
    do message.extensionRange.push(this.#range(1, MAX_FIELD_NUMBER, 1));
    while (reader.takeIf(','));
    for (const option of readOptionList(reader)) reader.fail(option.place, `unknown option ${option.name}`);
    reader.expect(';');
  }

  reservedFields(message: MessageDescriptor): void {
    this.#reserved(message, 1, MAX_FIELD_NUMBER, 1);
  }

  reservedValues(one: EnumDescriptor): void {
    this.#reserved(one, MIN_INT32, MAX_INT32, 0);
  }

  #reserved(
    of: { readonly reservedName: string[]; readonly reservedRange: NumberRange[] },
    least: number,
    greatest: number,
    beyond: 0 | 1,
  ): void {
    const reader = this.#reader;
    do {
      if (reader.next.kind === 'string') of.reservedName.push(reader.text());
      else of.reservedRange.push(this.#range(least, greatest, beyond));
    } while (reader.takeIf(','));
    reader.expect(';');
  }

  /** Reads `5`, `5 to 9` or `5 to max`; `beyond` is 1 where the end of a range is exclusive. */
  #range(least: number, greatest: number, beyond: 0 | 1): NumberRange {
    const reader = this.#reader;
    const { line, column } = reader.next;
    const start = reader.integerIn(least, greatest, 'a number of a range');
    let last = start;
    if (reader.takeIf('to')) {
      last = reader.takeIf('max') ? greatest : reader.integerIn(least, greatest, 'a number of a range');
    }
    if (last < start) reader.fail({ line, column }, 'the end of a range is before its start');
    const range = { start, end: last + beyond };
    this.#places.set(range, { line, column });
    return range;
  }
}
