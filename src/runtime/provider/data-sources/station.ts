import { NotFoundError } from '../../../model/errors';
import { externalName, internalName, parsePartitionStream } from '../../../model/names';
import { stationFields } from '../../../model/station';
import type { LiveStation, Run } from '../../reconcile';
import { consumerGroupsOf, isIntact, stationKind, stored } from '../../reconcile';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { DataSource } from '../framework/resource';
import { explained, problemDiagnostics } from '../resources/diagnose';
import type { Session } from '../resources/session';
import { attributeTypes, fieldValues, lookedUp, readOnlyAttribute } from './attributes';
import { matcherOf, namePattern } from './glob';

/** What a station holds besides its settings. */
const content: Attribute[] = [
  readOnlyAttribute('uid', t.string, "The broker's own identifier of the station."),
  readOnlyAttribute(
    'schema_name',
    t.string,
    'Name of the schema that the station enforces; null when it enforces none.',
  ),
  readOnlyAttribute('messages', t.number, 'How many messages all partitions store.'),
  readOnlyAttribute('bytes', t.number, 'How many bytes these messages take.'),
];

/** `memphis_station`: one station with what it holds. */
export const stationData: DataSource<Session> = {
  typeName: 'memphis_station',
  description: 'One station of a Memphis broker, whoever manages it: its settings, and what it holds now.',
  attributes: [
    ...lookedUp(stationFields, 'name'),
    ...content,
    readOnlyAttribute('intact', t.bool, 'True while every partition exists and accepts messages.'),
    readOnlyAttribute(
      'partitions',
      t.list(t.object({ number: t.number, messages: t.number, bytes: t.number })),
      'What each partition stores, in the order of their numbers.',
    ),
    readOnlyAttribute(
      'consumer_groups',
      t.list(t.object({ name: t.string, backlog: t.number })),
      'The consumer groups, sorted by name, each with the number of messages that it has not acknowledged.',
    ),
  ],
  validate: (config) => problemDiagnostics({ name: stationFields.name }, [], config),
  read: (session, config) =>
    explained(async () => {
      const { run } = session;
      const name = stringAt(config, 'name') ?? '';
      const live = await readStation(run, name);
      if (live === undefined) throw missing('station', name);
      const groups = await consumerGroupsOf(run.admin, live);
      const partitions = live.streams.map(({ config: { name: stream }, state: { messages, bytes } }) => ({
        number: parsePartitionStream(stream)?.partition ?? 0,
        messages,
        bytes,
      }));
      const state: Values = {
        ...settingsOf(live, await schemaOf(run, name)),
        // As it is written, so that references to it do not change its case.
        name,
        intact: isIntact(live),
        partitions,
        consumer_groups: groups.map(({ name: group, backlog }) => ({ name: group, backlog })),
      };
      return { state };
    }, session.outage),
};

/** `memphis_stations`: every station that fits. */
export const stationsData: DataSource<Session> = {
  typeName: 'memphis_stations',
  description: 'The stations of a Memphis broker, whoever manages them, chosen by name and tag.',
  attributes: [
    { ...namePattern, type: t.string, optional: true },
    { name: 'tag', type: t.string, optional: true, description: 'Lists only stations with this tag.' },
    readOnlyAttribute('names', t.list(t.string), 'The names of the stations, sorted.'),
    readOnlyAttribute(
      'stations',
      t.list(
        t.object({
          ...attributeTypes(stationFields),
          ...Object.fromEntries(content.map(({ name, type }) => [name, type])),
          consumer_groups: t.number,
        }),
      ),
      'The stations, sorted by name, each with its settings, `messages`, `bytes` and the number of `consumer_groups`.',
    ),
  ],
  read: (session, config) =>
    explained(async () => {
      const fits = matcherOf(stringAt(config, 'name_pattern'));
      const tag = stringAt(config, 'tag')?.toLowerCase();
      const { stations } = await session.run.snapshot();
      const found = [...stations.values()]
        .filter(({ row }) => fits(row.name) && (tag === undefined || row.tags.includes(tag)))
        .sort((a, b) => (a.row.name < b.row.name ? -1 : 1));
      const state = {
        names: found.map(({ row }) => row.name),
        stations: found.map((live) => ({
          ...settingsOf(live, live.row.schemaName),
          consumer_groups: stored(live).consumerGroups,
        })),
      };
      return { state };
    }, session.outage),
};

function settingsOf(live: LiveStation, schemaName: string): Values {
  const { messages, bytes } = stored(live);
  return {
    ...fieldValues(stationFields, stationKind.normalise(live)),
    uid: stationKind.uidOf(live),
    schema_name: schemaName === '' ? null : schemaName,
    messages,
    bytes,
  };
}

/** While a plan is made, everything is read in bulk; an apply may have created the station a moment ago. */
function readStation(run: Run, name: string): Promise<LiveStation | undefined> {
  return run.isPlanning ? stationKind.find(run, { name }) : stationKind.read(run, name);
}

async function schemaOf(run: Run, name: string): Promise<string> {
  if (!run.isPlanning) return run.links.schemaOf(name);
  return (await run.snapshot()).stations.get(internalName(name))?.row.schemaName ?? '';
}

/** The error about an object that a data source looks up and that is not there. */
export function missing(kind: string, name: string): NotFoundError {
  return new NotFoundError({
    attempted: `look up ${kind} "${externalName(name)}"`,
    found: `the broker has no such ${kind}`,
    next: `Check the name. If this configuration declares the ${kind}, refer to the resource instead, or add it to depends_on`,
  });
}
