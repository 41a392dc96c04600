import { int, slice, string, struct } from '../go/struct-decoder';
import { lowerCase, nameProblem } from '../../../model/names';
import type { BrokerContext } from '../objects/context';
import { Refusal } from '../objects/errors';
import { checkInt4 } from '../objects/stations';
import { activeVersion, newestVersion } from '../store/schema-table';
import * as schemas from '../objects/schemas';
import { tagsOf } from '../objects/tags';
import type { SchemaRow } from '../store/rows';
import { bindBody, bindQuery } from './binding';
import type { Reply } from './reply';
import { ok } from './reply';
import type { Call, Route } from './route';
import { changes, reads } from './route';
import { schemaDetails } from './schema-views';
import { existingStation } from './station-routes';
import { tagRequest } from './tag-routes';

export const schemaRoutes: readonly Route[] = [
  reads('/schemas/getAllSchemas', getAllSchemas),
  reads('/schemas/getSchemaDetails', getSchemaDetails),
  reads('/stations/getUpdatesForSchemaByStation', getUpdatesForSchemaByStation),
  reads('/schemas/validateSchema', validateSchema, 'POST'),
  changes('POST', '/schemas/createNewSchema', createNewSchema),
  changes('POST', '/schemas/createNewVersion', createNewVersion),
  changes('PUT', '/schemas/rollBackVersion', rollBackVersion),
  changes('DELETE', '/schemas/removeSchema', deleteSchemas),
];

function getAllSchemas({ context }: Call): Reply {
  const { schemas: table, stations } = context.metadata;
  const used = new Set(stations.all().map(({ schemaName }) => schemaName));
  const listed = table.all().flatMap((schema) => {
    const active = activeVersion(schema);
    const first = schema.versions[0];
    if (active === undefined || first === undefined) return [];
    return [
      {
        id: schema.id,
        name: schema.name,
        type: schema.type,
        created_by: first.createdBy,
        created_by_username: first.createdByUsername,
        created_at: first.createdAt,
        active_version_number: active.versionNumber,
        used: used.has(schema.name),
        tags: tagsOf(context, schema),
      },
    ];
  });
  return ok(listed.reverse());
}

function getSchemaDetails({ context, query }: Call): Reply {
  const { schema_name: name } = bindQuery({ schema_name: 'text' }, {}, query);
  return ok(schemaDetails(context, existingSchema(context, name)));
}

/** The version the station has, and the active one if it is another. */
function getUpdatesForSchemaByStation({ context, query }: Call): Reply {
  const { station_name: name } = bindQuery(
    { station_name: 'text' },
    { station_name: { required: true } },
    query,
  );
  const station = existingStation(context, name);
  const schema = existingSchema(context, station.schemaName);
  return ok(
    schemaDetails(
      context,
      schema,
      (version) => version.isActive || version.versionNumber === station.schemaVersionNumber,
    ),
  );
}

function existingSchema({ metadata }: BrokerContext, name: string): SchemaRow {
  const lower = lowerCase(name);
  const schema = metadata.schemas.find(lower);
  // A schema that was made over NATS without a name is found, as by a real broker; "" otherwise is a parameter left out.
  if (schema === undefined) throw new Refusal(`Schema ${name} does not exist`);
  return schema;
}

const createSchemaBody = struct('models.CreateNewSchema', {
  name: string,
  type: string,
  schema_content: string,
  message_struct_name: string,
  tags: slice(tagRequest),
});

async function createNewSchema({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(createSchemaBody, { name: { required: true, max: 32 } }, body);
  const problem = nameProblem('Schema', request.name);
  if (problem !== undefined) throw new Refusal(problem);
  const name = lowerCase(request.name);
  if (context.metadata.schemas.find(name) !== undefined) {
    throw new Refusal(`Schema with the name ${name} already exists`);
  }
  const type = supportedType(request.type);
  checkStructName(type, request.message_struct_name);
  schemas.checkSchemaContent(type, request.schema_content);
  const schema = await schemas.insertSchema(
    context,
    name,
    type,
    versionFromRequest(name, 1, request.schema_content, request.message_struct_name),
    user,
    request.tags,
  );
  return ok({ id: schema.id, name, type, created_by_username: user.username, tenant_name: '' });
}

const versionRequest = struct('models.CreateNewVersion', {
  schema_name: string,
  schema_content: string,
  message_struct_name: string,
});

async function createNewVersion({ context, user, body }: Call): Promise<Reply> {
  const request = bindBody(versionRequest, {}, body);
  const schema = existingSchema(context, lowerCase(request.schema_name));
  checkStructName(schema.type, request.message_struct_name);
  schemas.checkSchemaContent(schema.type, request.schema_content);
  const number = (newestVersion(schema)?.versionNumber ?? 0) + 1;
  const version = versionFromRequest(
    schema.name,
    number,
    request.schema_content,
    request.message_struct_name,
  );
  return ok(schemaDetails(context, await schemas.insertVersion(context, schema, version, user)));
}

function versionFromRequest(
  name: string,
  number: number,
  content: string,
  messageStructName: string,
): schemas.NewVersion {
  return { content, messageStructName, fileName: `${name}_${number}.proto` };
}

const rollBackRequest = struct('models.RollBackVersion', { schema_name: string, version_number: int });

/** Activates a version, older or newer. */
async function rollBackVersion({ context, body }: Call): Promise<Reply> {
  const request = bindBody(rollBackRequest, {}, body);
  const schema = existingSchema(context, lowerCase(request.schema_name));
  const number = request.version_number;
  // The database does not even look for a number that is too large for its column.
  checkInt4(1, number);
  if (!schema.versions.some(({ versionNumber }) => versionNumber === number)) {
    throw new Refusal(`Schema ${schema.name} version ${number} does not exist`);
  }
  return ok(schemaDetails(context, await schemas.activateVersion(context, schema, number)));
}

const removeSchemasBody = struct('models.RemoveSchema', { schema_names: slice(string) });

async function deleteSchemas({ context, body }: Call): Promise<Reply> {
  const { schema_names: names = [] } = bindBody(
    removeSchemasBody,
    { schema_names: { required: true } },
    body,
  );
  for (const name of names) {
    const schema = context.metadata.schemas.find(lowerCase(name));
    if (schema !== undefined) await schemas.removeSchema(context, schema);
  }
  return ok({});
}

const validateRequest = struct('models.ValidateSchema', { schema_type: string, schema_content: string });

function validateSchema({ body }: Call): Reply {
  const request = bindBody(validateRequest, {}, body);
  schemas.checkSchemaContent(supportedType(request.schema_type), request.schema_content);
  return ok({ is_valid: true });
}

function supportedType(type: string) {
  const lower = lowerCase(type);
  if (!schemas.isSchemaType(lower)) throw new Refusal('unsupported schema type');
  return lower;
}

function checkStructName(type: string, name: string): void {
  if (type === 'protobuf' && name === '') {
    throw new Refusal('message struct name is required when schema type is Protobuf');
  }
}
