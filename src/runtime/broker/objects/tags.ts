import { lowerCase } from '../../../model/names';
import type { SchemaRow, StationRow, TagRow } from '../store/rows';
import type { BrokerContext } from './context';
import { ServerFailure } from './errors';

/** A tag as requests and replies carry it. */
export interface NamedTag {
  readonly name: string;
  readonly color: string;
}

/** The tag of everything that was made without tags. */
const defaultTag: NamedTag = { name: 'default', color: '0, 165, 255' };

/** The tags of a station or schema, for replies. */
export function tagsOf({ metadata }: BrokerContext, owner: StationRow | SchemaRow): NamedTag[] {
  return owner.tags.flatMap((id) => {
    const tag = metadata.tags.get(id);
    return tag === undefined ? [] : [{ name: tag.name, color: tag.color }];
  });
}

// What the index of the database has room for, beside the name of the tenant. It compresses names that repeat themselves.
const GREATEST_TAG_BYTES = 2680;

/** @throws ServerFailure for a name or colour that a database refuses. */
function checkStorable({ name, color }: NamedTag): void {
  if (name.includes('\0') || color.includes('\0')) throw new ServerFailure('a tag with NUL cannot be stored');
  if (Buffer.byteLength(name) <= GREATEST_TAG_BYTES) return;
  const parts = new Set(Array.from(name, (_, at) => name.slice(at, at + 3)));
  if (parts.size > name.length / 2) throw new ServerFailure('a tag with such a long name cannot be stored');
}

/** Adds a tag whose name is new. @throws ServerFailure when it cannot be stored. */
export async function insertTag({ metadata }: BrokerContext, tag: NamedTag): Promise<TagRow> {
  checkStorable(tag);
  return metadata.tags.insert({ name: tag.name, color: tag.color });
}

/** How long, after a tag was added, other creations had looked before it was there, where they race. */
const RACE_MS = 50;

async function added(context: BrokerContext, tag: NamedTag): Promise<TagRow> {
  const inserted = insertTag(context, tag);
  context.newTags.set(tag.name, inserted);
  try {
    return await inserted;
  } finally {
    const settle = (): boolean => context.newTags.delete(tag.name);
    if (context.mode.racesForTags) setTimeout(settle, RACE_MS).unref();
    else settle();
  }
}

/** The tag of that name, made if it is new. Names are lower-cased; a colour counts only for a tag that has none. */
export async function tagFor(context: BrokerContext, { name, color }: NamedTag): Promise<TagRow> {
  const { metadata } = context;
  const lower = lowerCase(name);
  const found = metadata.tags.find(lower) ?? (await context.newTags.get(lower));
  if (found === undefined) return added(context, { name: lower, color });
  if (found.color !== '' || color === '') return found;
  return (await metadata.tags.update(found.id, { color })) ?? found;
}

/**
 * The tags of a station or schema that is being made. Unlike everywhere else the name is looked up as sent, so that
 * another spelling of an existing tag is a duplicate in the broker's database.
 */
export async function tagsForNew(
  context: BrokerContext,
  tags: readonly NamedTag[] | undefined,
): Promise<number[]> {
  const ids: number[] = [];
  for (const tag of tags === undefined || tags.length === 0 ? [defaultTag] : tags) {
    const lower = lowerCase(tag.name);
    if (lower !== tag.name && context.metadata.tags.find(lower) !== undefined) {
      throw new ServerFailure(`the tag ${lower} exists in another spelling`);
    }
    // A real broker looks, finds no such tag, and fails when it adds its own.
    if (context.mode.racesForTags && lower !== defaultTag.name && context.newTags.has(lower)) {
      throw new ServerFailure(`the tag ${lower} was added meanwhile`);
    }
    const { id } = await tagFor(context, tag);
    if (!ids.includes(id)) ids.push(id);
  }
  return ids;
}
