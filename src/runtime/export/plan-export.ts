import { firstMessageName } from '../../schema';
import type { Inventory } from '../inventory';
import { UniqueNames } from './names';
import { deadLetterOrder } from './order';
import type {
  ExportOptions,
  ExportPlan,
  ExportWarning,
  ExportedSchema,
  ExportedSettings,
  ExportedStation,
  ExportedUser,
  SchemaText,
} from './plan';
import { whyNotDeclarable } from './schema';
import type { Selection } from './select';
import { stacksOf } from './stacks';
import { expressStation } from './station';
import { expressUser } from './user';

/** Decides what the code of an export says. */
export function planExport(
  inventory: Inventory,
  selection: Selection,
  texts: readonly SchemaText[],
  options: ExportOptions,
  settings?: ExportedSettings,
): ExportPlan {
  const warnings: ExportWarning[] = [...selection.warnings];
  const leftOut = [...selection.leftOut];
  const schemas = texts.flatMap((text): ExportedSchema[] => {
    const why = whyNotDeclarable(text);
    if (why === undefined) return [exportedSchema(text)];
    warnings.push({ object: `schema "${text.name}"`, text: `Left out: ${why}.` });
    return [];
  });
  const onBroker = new Map(inventory.stations.map((station) => [station.name, station]));
  const hasSchema = new Set(inventory.schemas.map(({ name }) => name));
  const { closing } = deadLetterOrder(
    selection.stations.map(({ name }) => name),
    (name) => onBroker.get(name)?.settings.dlsStation,
  );
  const surroundings = {
    hasStation: (name: string) => onBroker.has(name),
    closesCircle: (name: string) => closing.has(name),
  };
  const otherEnforcements: string[] = [];
  const stations = selection.stations.map((source): ExportedStation => {
    const { row } = source.live;
    const expressed = expressStation(source, surroundings);
    const notes = [...expressed.notes];
    let schema = options.kinds.has('enforcement') && row.schemaName !== '' ? row.schemaName : undefined;
    if (schema !== undefined && !hasSchema.has(schema)) {
      notes.push(`It enforces schema "${schema}", which is not on the broker. The stack does not`);
      schema = undefined;
    }
    if (schema !== undefined && source.enforcementOwner !== undefined && !options.withOwned) {
      otherEnforcements.push(`"${source.name}" (${source.enforcementOwner})`);
      schema = undefined;
    }
    for (const note of notes) warnings.push({ object: `station "${source.name}"`, text: `${note}.` });
    const adopts = source.owner !== undefined && options.withImports;
    return { ...expressed, name: source.name, source, notes, schema, adopts };
  });
  if (otherEnforcements.length > 0)
    leftOut.push(
      `the enforcements of ${otherEnforcements.slice(0, 5).join(', ')}${otherEnforcements.length > 5 ? ' and others' : ''}, which another declaration owns; --include-owned exports them, too`,
    );
  const adopting = schemas.map((schema) => ({
    ...schema,
    adopts: schema.text.owner !== undefined && options.withImports,
  }));
  const passwordVariables = new UniqueNames([], '_');
  const users = selection.users.map((source): ExportedUser => {
    const expressed = expressUser(source, passwordVariables);
    for (const note of expressed.notes) warnings.push({ object: `user "${source.name}"`, text: `${note}.` });
    return { ...expressed, adopts: source.owner !== undefined && options.withImports };
  });
  return { stacks: stacksOf({ stations, schemas: adopting, users, settings }, options), warnings, leftOut };
}

function exportedSchema(text: SchemaText): ExportedSchema {
  const { name, type, stations } = text;
  const isFirst = type !== 'protobuf' || text.messageStructName === firstMessageName(text.content);
  return {
    name,
    type,
    stations,
    text: isFirst ? { ...text, messageStructName: '' } : text,
    notes: [],
    adopts: false,
  };
}
