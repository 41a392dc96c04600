import { lowerCase } from '../../../model/names';
import { firstMessageName } from '../../../schema';
import { encodeJson } from '../go/json-encode';
import { decodeStruct, isDecodeError } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { findStation } from '../objects/context';
import * as enforcement from '../objects/enforcement';
import { Refusal, ServerFailure } from '../objects/errors';
import { newestVersion } from '../store/schema-table';
import { checkSchemaContent, insertSchema, insertVersion, isSchemaType } from '../objects/schemas';
import { checkStationName } from '../objects/stations';
import * as requests from './requests';
import { errorReplyText } from './reply-text';
import type { Sender } from './sender';
import { actingUser } from './sender';

/** `$memphis_schema_creations`: a schema, or a further inactive version of one. Replies `{"error": text}`. */
export async function onSchemaCreation(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const error = await storeSchema(context, payload, sender).then(
    () => '',
    (reason: unknown) => errorReplyText(context, reason),
  );
  return encodeJson({ error });
}

async function storeSchema(context: BrokerContext, payload: Uint8Array, sender: Sender): Promise<void> {
  const request = decodeStruct(requests.createSchemaRequest, payload);
  const { name, type, schema_content: content } = request;
  checkSchemaContent(type, content);
  const messageStructName = type === 'protobuf' ? messageName(content) : '';
  // Names are neither checked nor lower-cased here, and every version's file is called _1: both as on a real broker.
  const version = { content, messageStructName, fileName: `${name}_1.proto` };
  const username = actingUser(sender, request.created_by_username);
  const author = { id: context.metadata.users.find(username)?.id ?? 0, username };
  const existing = context.metadata.schemas.find(name);
  if (existing === undefined) {
    if (!isSchemaType(type)) throw new ServerFailure(`invalid input value for enum enum_type: "${type}"`);
    await insertSchema(context, name, type, version, author, undefined);
    return;
  }
  if (existing.type !== type) throw new Refusal(`${name} already exist with type - ${existing.type}`);
  if (newestVersion(existing)?.content === content) {
    throw new Refusal(`${name} already exists in the db with the same schema content`);
  }
  await insertVersion(context, existing, version, author);
}

function messageName(content: string): string {
  const first = firstMessageName(content);
  // A real broker ends here; the words are ours.
  if (first === undefined) throw new Refusal('your Proto file is invalid: it has no message');
  return first;
}

/** `$memphis_schema_attachments` */
export async function onSchemaAttachment(
  context: BrokerContext,
  payload: Uint8Array,
  sender: Sender,
): Promise<string> {
  const request = decodedAttachment(payload);
  checkStationName(request.station_name);
  const station = findStation(context, request.station_name);
  if (station === undefined) {
    throw new Refusal(`memphis: Station ${lowerCase(request.station_name)} does not exist`);
  }
  const name = lowerCase(request.name);
  const schema = context.metadata.schemas.find(name);
  if (schema === undefined) throw new Refusal(`Schema ${name} does not exist`);
  // An unknown user attaches, too; only the history has a line without an id then.
  const username = actingUser(sender, request.username);
  const user = context.metadata.users.find(username) ?? { id: 0, username };
  await enforcement.attachSchema(context, station, schema, user);
  return '';
}

function decodedAttachment(payload: Uint8Array) {
  try {
    return decodeStruct(requests.attachSchemaRequest, payload);
  } catch (error) {
    if (isDecodeError(error)) throw new Refusal(`failed attaching schema : ${error.message}`);
    throw error;
  }
}

/** `$memphis_schema_detachments` */
export async function onSchemaDetachment(context: BrokerContext, payload: Uint8Array): Promise<string> {
  const request = decodeStruct(requests.detachSchemaRequest, payload);
  checkStationName(request.station_name);
  const station = findStation(context, request.station_name);
  if (station === undefined) {
    throw new Refusal(`station ${lowerCase(request.station_name)} does not exist`);
  }
  await enforcement.detachSchema(context, station);
  return '';
}
