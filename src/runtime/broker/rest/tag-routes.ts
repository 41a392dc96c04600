import { lowerCase } from '../../../model/names';
import { slice, string, struct } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { findStation } from '../objects/context';
import { Refusal } from '../objects/errors';
import { insertTag, tagFor, tagsOf } from '../objects/tags';
import type { SchemaRow, StationRow } from '../store/rows';
import { bindBody, bindQuery } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { changes, reads } from './route';

export const tagRequest = struct('models.CreateTag', { name: string, color: string });

/** The tags of stations and schemas. A tag stays for ever once it was made. */
export const tagRoutes: readonly Route[] = [
  reads('/tags/getTags', getTags),
  reads('/tags/getUsedTags', ({ context }) => ok(tagList(context, usedTags(context)))),
  changes('POST', '/tags/createNewTag', createNewTag),
  changes('PUT', '/tags/updateTagsForEntity', updateTagsForEntity),
  changes('DELETE', '/tags/removeTag', removeTag),
];

const DEFAULT_COLOR = '101, 87, 255';
const entityTypes = ['station', 'schema', 'user'];

/** The parameter is called `EntityType`; the spelling of other calls is ignored. */
function getTags({ context, query }: Call): Reply {
  const { EntityType: type } = bindQuery({ EntityType: 'text' }, {}, query);
  const ids = new Set(context.metadata.tags.all().map(({ id }) => id));
  if (type === '') return ok(tagList(context, ids));
  checkEntityType(lowerCase(type));
  return ok(tagList(context, usedTags(context, lowerCase(type))));
}

function usedTags({ metadata }: BrokerContext, type?: string): Set<number> {
  const owners = [
    ...(type === undefined || type === 'station' ? metadata.stations.all() : []),
    ...(type === undefined || type === 'schema' ? metadata.schemas.all() : []),
  ];
  return new Set(owners.flatMap(({ tags }) => tags));
}

function tagList({ metadata }: BrokerContext, ids: ReadonlySet<number>): object[] {
  return metadata.tags.all().flatMap(({ id, name, color }) => (ids.has(id) ? [{ name, color }] : []));
}

async function createNewTag({ context, body }: Call): Promise<Reply> {
  const request = bindBody(tagRequest, { name: { required: true, max: 20 } }, body);
  const name = lowerCase(request.name);
  if (context.metadata.tags.find(name) !== undefined)
    throw new Refusal(`Tag with the name ${name} already exists`);
  const color = request.color === '' ? DEFAULT_COLOR : request.color;
  const { id } = await insertTag(context, { name, color });
  return ok({ id, name, color, users: [], stations: [], schemas: [], tenant_name: context.mode.tenant });
}

const updateRequest = struct('models.UpdateTagsForEntitySchema', {
  tags_to_add: slice(tagRequest),
  tags_to_remove: slice(string),
  entity_type: string,
  entity_name: string,
});

async function updateTagsForEntity({ context, body }: Call): Promise<Reply> {
  const request = bindBody(
    updateRequest,
    { entity_type: { required: true }, entity_name: { required: true } },
    body,
  );
  const type = lowerCase(request.entity_type);
  checkEntityType(type);
  const { metadata } = context;
  const entity = findEntity(context, type, request.entity_name);
  if (entity === undefined) return ok([]);
  let tags = entity.tags;
  for (const tag of request.tags_to_add ?? []) tags = tagsWith(tags, (await tagFor(context, tag)).id);
  // The real broker attaches these, too; clients that want a tag gone use removeTag.
  for (const name of request.tags_to_remove ?? []) {
    const known = metadata.tags.find(lowerCase(name));
    if (known !== undefined) tags = tagsWith(tags, known.id);
  }
  const changed = await storeTags(context, type, entity, tags);
  return ok(tagsOf(context, changed));
}

/** Attaching a tag again makes it the last one. */
function tagsWith(tags: readonly number[], id: number): readonly number[] {
  return tags[tags.length - 1] === id ? tags : [...tags.filter((other) => other !== id), id];
}

const removeTagBody = struct('models.RemoveTagSchema', {
  name: string,
  entity_type: string,
  entity_name: string,
});

/** Says `[]` whatever happened, as a real broker does. */
async function removeTag({ context, body }: Call): Promise<Reply> {
  const request = bindBody(
    removeTagBody,
    { name: { required: true }, entity_type: { required: true }, entity_name: { required: true } },
    body,
  );
  const type = lowerCase(request.entity_type);
  checkEntityType(type);
  const name = lowerCase(request.name);
  if (type === 'user') throw new Refusal(`Could not remove tag ${name}, unsupported entity type`);
  const tag = context.metadata.tags.find(name);
  const entity = findEntity(context, type, request.entity_name);
  if (tag !== undefined && entity !== undefined) {
    await storeTags(
      context,
      type,
      entity,
      entity.tags.filter((id) => id !== tag.id),
    );
  }
  return ok([]);
}

function checkEntityType(type: string): void {
  if (!entityTypes.includes(type)) throw new Refusal('entity type is not valid');
}

/** Schemas are looked up as sent, stations in lower case; users have no tags here. */
function findEntity(context: BrokerContext, type: string, name: string): StationRow | SchemaRow | undefined {
  if (type === 'station') return findStation(context, name);
  return type === 'schema' ? context.metadata.schemas.find(name) : undefined;
}

async function storeTags(
  { metadata }: BrokerContext,
  type: string,
  entity: StationRow | SchemaRow,
  tags: readonly number[],
): Promise<StationRow | SchemaRow> {
  const changed =
    type === 'station'
      ? await metadata.stations.update(entity.id, { tags })
      : await metadata.schemas.update(entity.id, { tags });
  return changed ?? entity;
}
