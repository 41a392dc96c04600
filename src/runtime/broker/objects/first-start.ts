import type { BrokerContext } from './context';
import { now } from './context';
import type { UserRow } from '../store/rows';
import { attachSchema } from './enforcement';
import { insertSchema } from './schemas';
import { createDefaultStation } from './stations';
import { defaultSchema } from './default-schema';

/** The user that every broker has. */
export async function ensureRootUser({ metadata }: BrokerContext, username: string): Promise<UserRow> {
  return metadata.users.find(username) ?? metadata.users.insert({ username, type: 'root', createdAt: now() });
}

/** What a Memphis broker makes at its first start: schema `demo-schema` and station `default` that enforces it. */
export async function ensureDefaults(context: BrokerContext, root: UserRow): Promise<void> {
  if (context.metadata.schemas.find(defaultSchema.name) !== undefined) return;
  const { name, type, content } = defaultSchema;
  const station =
    context.metadata.stations.find('default') ?? (await createDefaultStation(context, 'default', root));
  const version = { content, messageStructName: '', fileName: '' };
  const schema = await insertSchema(context, name, type, version, root, undefined);
  await attachSchema(context, station, schema, undefined);
}
