import { schemaFields } from '../../../model/schema-declaration';
import { t } from '../cty/type';
import { stringAt } from '../cty/value';
import type { DataSource } from '../framework/resource';
import { explained, problemDiagnostics } from '../resources/diagnose';
import type { Session } from '../resources/session';
import { lookedUp, readOnlyAttribute } from './attributes';
import { matcherOf, namePattern } from './glob';
import { missing } from './station';

/** `memphis_schema`: one schema with all of its versions. */
export const schemaData: DataSource<Session> = {
  typeName: 'memphis_schema',
  description: 'One schema of a Memphis broker, whoever manages it, with all of its versions.',
  attributes: [
    ...lookedUp(schemaFields, 'name'),
    readOnlyAttribute('uid', t.string, "The broker's own identifier of the schema."),
    readOnlyAttribute('version', t.number, 'Number of the active version, whose content `content` is.'),
    readOnlyAttribute(
      'versions',
      t.list(
        t.object({ version: t.number, active: t.bool, content: t.string, message_struct_name: t.string }),
      ),
      'All versions, the newest first.',
    ),
    readOnlyAttribute(
      'stations',
      t.list(t.string),
      'The names of the stations that enforce the schema, sorted.',
    ),
  ],
  validate: (config) => problemDiagnostics({ name: schemaFields.name }, [], config),
  read: ({ run, outage }, config) =>
    explained(async () => {
      const name = stringAt(config, 'name') ?? '';
      const details = await run.admin.readSchema(name);
      const active = details?.versions.find((version) => version.active);
      if (details === undefined || active === undefined) throw missing('schema', name);
      const { id, type, versions, usedStations } = details;
      const state = {
        name,
        type,
        content: active.content,
        message_struct_name: active.messageStructName === '' ? null : active.messageStructName,
        uid: String(id),
        version: active.versionNumber,
        versions: versions.map(({ versionNumber, active: isActive, content, messageStructName }) => ({
          version: versionNumber,
          active: isActive,
          content,
          message_struct_name: messageStructName === '' ? null : messageStructName,
        })),
        stations: [...usedStations].sort(),
      };
      return { state };
    }, outage),
};

/** `memphis_schemas`: every schema that fits. */
export const schemasData: DataSource<Session> = {
  typeName: 'memphis_schemas',
  description: 'The schemas of a Memphis broker, whoever manages them, chosen by name.',
  attributes: [
    { ...namePattern, type: t.string, optional: true },
    readOnlyAttribute('names', t.list(t.string), 'The names of the schemas, sorted.'),
    readOnlyAttribute(
      'schemas',
      t.list(t.object({ name: t.string, type: t.string, uid: t.string, version: t.number })),
      'The schemas, sorted by name, each with its type and the number of its active version.',
    ),
  ],
  read: ({ run, outage }, config) =>
    explained(async () => {
      const fits = matcherOf(stringAt(config, 'name_pattern'));
      const found = [...(await run.snapshot()).schemas.values()]
        .filter(({ name }) => fits(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const state = {
        names: found.map(({ name }) => name),
        schemas: found.map(({ id, name, type, activeVersionNumber }) => ({
          name,
          type,
          uid: String(id),
          version: activeVersionNumber,
        })),
      };
      return { state };
    }, outage),
};
