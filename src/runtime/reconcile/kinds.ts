import type { KindName } from '../../model/kinds';
import { clusterKind } from './cluster/kind';
import { enforcementKind } from './enforcement/kind';
import type { Kind } from './kind';
import { schemaKind } from './schema/kind';
import { stationKind } from './station/kind';
import { userKind } from './user/kind';

export { clusterKind, enforcementKind, schemaKind, stationKind, userKind };

/** A kind without the types of its values, for what works with any. */
export type AnyKind = Kind<object, object, object>;

/** The adapter of each kind. */
export const kindAdapters: Readonly<Record<KindName, AnyKind>> = {
  station: stationKind,
  schema: schemaKind,
  enforcement: enforcementKind,
  user: userKind,
  cluster: clusterKind,
};
