import type { Decoded, GoStruct } from '../go/struct-decoder';
import { decodeLeniently, decodeStruct } from '../go/struct-decoder';
import type { BrokerContext } from '../objects/context';
import { findStation, now } from '../objects/context';
import { Refusal } from '../objects/errors';
import type { Access } from '../objects/permissions';
import { checkAccess } from '../objects/permissions';
import { createDefaultStation } from '../objects/stations';
import type { StationRow, UserRow } from '../store/rows';
import type { destructionV0, destructionV1 } from './requests';
import type { Sender } from './sender';
import { actingUser } from './sender';

/** What requests about producers and about consumers have in common. */

/** The version in which a client says its language and its own id. */
export const NEWEST_VERSION = 4;
/** From this version on clients know partitions, and a missing station is made for them. */
export const PARTITIONED_VERSION = 2;
/** From this version on a client says which connection it means. */
const CONNECTION_VERSION = 1;

/** How the answers about producers and about consumers differ. */
export interface ClientKind {
  readonly access: Access;
  readonly unknownUser: (username: string) => string;
  /** An old client names a station that is not there. */
  readonly stationMissing: string;
  /** An old client names a station with partitions. */
  readonly tooOld: string;
  /** The name that rights are looked up for and that a refusal tells. */
  readonly checkedName: (asked: string, station: StationRow) => string;
}

/**
 * The station that a client wants to use, made if it is not there, and the user it does so for.
 * @throws Refusal
 */
export async function stationForClient(
  context: BrokerContext,
  kind: ClientKind,
  request: { readonly username: string; readonly station_name: string; readonly req_version: number },
  sender: Sender,
): Promise<{ readonly station: StationRow; readonly user: UserRow }> {
  const username = actingUser(sender, request.username);
  const user = context.metadata.users.find(username);
  if (user === undefined) throw new Refusal(kind.unknownUser(username));
  const existing = findStation(context, request.station_name);
  if (request.req_version < PARTITIONED_VERSION && existing?.isNative !== false) {
    throw new Refusal(existing === undefined ? kind.stationMissing : kind.tooOld);
  }
  if (existing === undefined) {
    return { station: await createDefaultStation(context, request.station_name, user), user };
  }
  const name = kind.checkedName(request.station_name, existing);
  checkAccess(user, kind.access, name, `user ${user.username} is not allowed to access station ${name}`);
  return { station: existing, user };
}

/** What the rows of producers and of consumers say alike. */
export function registrationOf(
  context: BrokerContext,
  station: StationRow,
  request: {
    readonly connection_id: string;
    readonly app_id: string;
    readonly sdk_lang: string;
    readonly req_version: number;
  },
) {
  return {
    stationId: station.id,
    connectionId: request.connection_id,
    isActive: true,
    updatedAt: now(),
    sdk: request.sdk_lang === '' ? context.sdkOf(request.connection_id) : request.sdk_lang,
    appId: request.app_id,
    version: request.req_version,
  };
}

/** What goes away: which client of which station, and on which connection if that is known. */
export type DestroyRequest = Omit<
  Decoded<GoStruct<typeof destructionV1>>,
  'req_version' | 'connection_id'
> & {
  /** undefined: an old client of Memphis, which does not say it, and a stock server does not tell. */
  readonly connection_id: string | undefined;
};

/**
 * Reads a destruction in the newest form that fits it.
 * @param sender its connection counts when the request does not say one.
 * @throws JsonSyntaxError, JsonTypeError in the words of the oldest form.
 */
export function decodeDestroyRequest(
  newestForm: GoStruct<typeof destructionV1>,
  oldestForm: GoStruct<typeof destructionV0>,
  payload: Uint8Array,
  { connection }: Sender,
): DestroyRequest {
  const { value, error } = decodeLeniently(newestForm, payload);
  if (error === undefined && value.req_version >= CONNECTION_VERSION) return value;
  return { ...decodeStruct(oldestForm, payload), connection_id: connection };
}
