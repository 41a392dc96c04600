import type {
  CanonicalSchema,
  SchemaDeclaration,
  SchemaField,
  SchemaRecord,
} from '../../../model/schema-declaration';
import { schemaFields } from '../../../model/schema-declaration';
import { brokerFields, canonicalOf } from '../../../model/field';
import { canonicalContent, firstMessageName } from '../../../schema';
import type { Admin, SchemaDetails, SchemaVersion } from '../../admin';
import type { Made } from '../made';
import { digestOf } from '../made';
import type { Change } from '../diff';
import { diffObject } from '../diff';

const fields: Readonly<Record<string, SchemaField>> = schemaFields;

/** A schema as it is on the broker: what its active version says. */
export interface LiveSchema {
  readonly id: number;
  readonly name: string;
  readonly type: SchemaDeclaration['type'];
  readonly activeVersion: Pick<SchemaVersion, 'versionNumber' | 'content' | 'messageStructName'>;
  readonly usedStations: readonly string[];
  /** How it was created; only a schema that was read by name has it. */
  readonly made?: Made;
}

/** Reads one schema fresh, by its name. @returns undefined when the broker has no such schema. */
export async function observeSchema(admin: Admin, name: string): Promise<LiveSchema | undefined> {
  const details = await admin.readSchema(name);
  const activeVersion = details?.versions.find((version) => version.active);
  if (details === undefined || activeVersion === undefined) return undefined;
  const { id, type, usedStations } = details;
  return { id, name: details.name, type, activeVersion, usedStations, ...madeIn(details) };
}

/** What the first version tells of the creation. */
function madeIn({ type, versions }: SchemaDetails): { readonly made?: Made } {
  const first = versions.find(({ versionNumber }) => versionNumber === 1);
  if (first?.creation === undefined) return {};
  return { made: { ...first.creation, settings: digestOf([type, first.content]) } };
}

/** The message that stations exchange: the declared one, else the first of the file; empty for types without. */
export function messageStructNameOf(
  schema: Pick<SchemaDeclaration, 'type' | 'content' | 'messageStructName'>,
): string {
  if (schema.type !== 'protobuf') return '';
  const { messageStructName = '' } = schema;
  return messageStructName === '' ? (firstMessageName(schema.content) ?? '') : messageStructName;
}

/** The canonical form of a declaration, which is expected to be valid. */
export function canonicalSchema(declaration: SchemaDeclaration): CanonicalSchema {
  return {
    ...canonicalOf(schemaFields, declaration),
    messageStructName: messageStructNameOf(declaration),
  };
}

/**
 * The canonical form of a live schema.
 * @param expected what it should be; content that means the same is spelled like there
 */
export function normaliseSchema(live: LiveSchema, expected?: CanonicalSchema): CanonicalSchema {
  const { name, type, activeVersion } = live;
  const record: SchemaRecord = {
    name,
    type,
    content: activeVersion.content,
    messageStructName: type === 'protobuf' ? activeVersion.messageStructName : '',
  };
  const values = brokerFields(fields).map(([field, { read }]) => [field, read.read(record)] as const);
  return spelledLike(Object.fromEntries(values) as unknown as CanonicalSchema, expected);
}

/** Content that differs in form only counts as the same. */
function spelledLike(schema: CanonicalSchema, expected: CanonicalSchema | undefined): CanonicalSchema {
  if (schema.type !== expected?.type) return schema;
  const isSame =
    canonicalContent(schema.type, schema.content) === canonicalContent(schema.type, expected.content);
  return isSame ? { ...schema, content: expected.content } : schema;
}

/** The difference between what a schema is (undefined: not there) and what it should be (undefined: gone). */
export function diffSchema(before: CanonicalSchema | undefined, after: CanonicalSchema | undefined): Change {
  return diffObject(schemaFields, before === undefined ? undefined : spelledLike(before, after), after);
}
