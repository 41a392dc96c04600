import type { FileDescriptor } from './descriptor-types';
import type { WrittenOption } from './parse-options';
import type { Place } from './tokens';

/** A .proto file after reading; names of types are still as they are written. */
export interface ParsedFile {
  readonly file: FileDescriptor;
  /** Where each descriptor starts: at its name; of a reserved or extension range, at the range. */
  readonly places: ReadonlyMap<object, Place>;
  /** Where the types of fields are written. */
  readonly typePlaces: ReadonlyMap<object, Place>;
  /** Defaults of fields with a named type; whether they are legal is known when the type is. */
  readonly enumDefaults: ReadonlyMap<object, WrittenOption>;
}
