import { madeByTheBroker } from '../../../model/first-start';
import type { StationRow } from '../../admin';
import { enforcementKind, schemaKind, stationKind, userKind } from '../../reconcile';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { stringAt } from '../cty/value';
import type { ListResource } from '../framework/list-resource';
import { schemaParticulars } from '../resources/schema';
import { enforcementParticulars } from '../resources/schema-enforcement';
import type { Session } from '../resources/session';
import { stationParticulars } from '../resources/station';
import { userParticulars } from '../resources/user';
import { listOf } from './kind-list';

const tag = {
  name: 'tag',
  type: t.string,
  optional: true,
  description: 'Lists only stations with this tag.',
} as const;

/** What `terraform query` can list: everything that a broker may hold many of. */
export const listResources: readonly ListResource<Session>[] = [
  listOf(stationKind, stationParticulars, {
    description: 'The stations of a Memphis broker, chosen by name and tag.',
    attributes: [tag],
    madeByTheBroker: madeByTheBroker.station,
    all: async (session, config) => {
      const rows = await stationRows(session, config);
      return rows.map(({ name, id }) => ({ name, uid: String(id) }));
    },
  }),
  listOf(schemaKind, schemaParticulars, {
    description: 'The schemas of a Memphis broker, chosen by name.',
    madeByTheBroker: madeByTheBroker.schema,
    all: async ({ run }) =>
      [...(await run.snapshot()).schemas.values()].map(({ name, id }) => ({ name, uid: String(id) })),
  }),
  listOf(enforcementKind, enforcementParticulars, {
    description: 'The schema enforcements of a Memphis broker, chosen by name and tag of their stations.',
    attributes: [tag],
    madeByTheBroker: madeByTheBroker.station,
    all: async (session, config) =>
      (await stationRows(session, config))
        .filter(({ schemaName }) => schemaName !== '')
        .map(({ name, id }) => ({ name, uid: String(id) })),
  }),
  listOf(userKind, userParticulars, {
    description: 'The users of a Memphis broker, chosen by name; root is not among them.',
    all: async ({ run }) =>
      [...(await run.users.all()).values()].map(({ name, id }) => ({ name, uid: String(id) })),
  }),
];

/** The stations that a declaration can stand for: not those that plain NATS clients made, and those that lost their streams. */
async function stationRows({ run }: Session, config: Values): Promise<readonly StationRow[]> {
  const wanted = stringAt(config, 'tag')?.toLowerCase();
  return [...(await run.snapshot()).stations.values()]
    .filter(({ row, streams }) => row.isNative && streams.length > 0)
    .map(({ row }) => row)
    .filter(({ tags }) => wanted === undefined || tags.includes(wanted));
}
