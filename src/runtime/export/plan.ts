import type { SchemaType } from '../../model/schema-type';
import type { InventorySchema, InventoryStation } from '../inventory';

/** What an export writes, before it is written: objects, with what each says and refers to. */

/** What should be exported. */
export interface ExportOptions {
  /** Glob patterns of the names; all when empty. */
  readonly filter: readonly string[];
  readonly kinds: ReadonlySet<ExportedKind>;
  /** Whether each object imports itself, so that a deploy takes over what is there. */
  readonly withImports: boolean;
  /** Whether like stations become one `StationSet`. Default false. */
  readonly withSets?: boolean;
  /** Whether objects are exported that another declaration is recorded to own. */
  readonly withOwned: boolean;
  /** Whether the settings of the broker are exported, whatever the filter. Default false. */
  readonly withSettings?: boolean;
  readonly split: Split;
  /** The name of the stack; with several stacks that of the one for schemas that several of them use. */
  readonly stackName: string;
}

export const exportedKinds = ['station', 'schema', 'enforcement', 'user'] as const;
export type ExportedKind = (typeof exportedKinds)[number];

/** How objects are spread over stacks. */
export type Split = 'none' | 'prefix' | 'tag';

/** A schema with the text of its active version. */
export interface SchemaText extends InventorySchema {
  readonly content: string;
  /** For protobuf: the message that stations exchange; empty for others. */
  readonly messageStructName: string;
}

/** Something that the code does not say, about one object. */
export interface ExportWarning {
  /** `station "orders"` */
  readonly object: string;
  /** A sentence. */
  readonly text: string;
}

/** A field of an object as it is declared. */
export interface DeclaredField {
  readonly name: string;
  readonly value: unknown;
}

/** A station and what the code says of it. */
export interface ExportedStation {
  readonly name: string;
  readonly source: InventoryStation;
  /** Those that differ from their defaults, in the order of the model's table; without the dead-letter station. */
  readonly fields: readonly DeclaredField[];
  /** Attributes that the stack leaves as they are, because no valid value says what is there. */
  readonly ignored: readonly string[];
  /** What the code cannot say. */
  readonly notes: readonly string[];
  /** The station that gets its dead letters; undefined when there is none. */
  readonly dlsStation: string | undefined;
  /** The schema that it enforces; undefined when there is none. */
  readonly schema: string | undefined;
  readonly adopts: boolean;
}

/** A schema and what the code says of it. */
export interface ExportedSchema {
  readonly name: string;
  readonly type: SchemaType;
  /** Stations that enforce it. */
  readonly stations: readonly string[];
  readonly text: SchemaText;
  readonly notes: readonly string[];
  readonly adopts: boolean;
}

/** A user and what the code says of it. */
export interface ExportedUser {
  readonly name: string;
  readonly fields: readonly DeclaredField[];
  readonly ignored: readonly string[];
  readonly notes: readonly string[];
  readonly adopts: boolean;
}

/** The settings of the broker, and what the code says of them. */
export interface ExportedSettings {
  readonly fields: readonly DeclaredField[];
}

/** What goes into one stack. */
export interface ExportedStack {
  readonly name: string;
  /** A dead-letter station stands before the stations that use it. */
  readonly stations: readonly ExportedStation[];
  readonly schemas: readonly ExportedSchema[];
  readonly users: readonly ExportedUser[];
  /** Absent in all stacks but one, and where they are not exported. */
  readonly settings?: ExportedSettings | undefined;
  /** Names of stations outside of the stack that it refers to, sorted. */
  readonly foreignStations: readonly string[];
  /** The same of schemas. */
  readonly foreignSchemas: readonly string[];
  /** Names of the stacks whose objects have to be there first, sorted. */
  readonly dependencies: readonly string[];
}

/** A whole export. */
export interface ExportPlan {
  readonly stacks: readonly ExportedStack[];
  readonly warnings: readonly ExportWarning[];
  /** What was left out on purpose: sentences. */
  readonly leftOut: readonly string[];
}
