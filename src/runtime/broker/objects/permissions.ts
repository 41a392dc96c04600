import { internalName } from '../../../model/names';
import { placesOf, streamOf } from '../jetstream/stream-names';
import { MANAGEMENT_SUBJECTS } from '../management/subjects';
import type { UserPermissions } from '../nats-server/users-file';
import { foreignManagementSubjects } from '../proxy';
import type { StationRow, UserRow } from '../store/rows';
import { Refusal } from './errors';

/** What somebody wants to do with a station. */
export type Access = 'read' | 'write';

/**
 * @param station is looked up as it stands here; patterns are in lower case.
 * @throws Refusal with those words when the lists of the user do not name the station.
 */
export function checkAccess(user: UserRow, access: Access, station: string, refusal: string): void {
  if (!isAllowed(user, access, station)) throw new Refusal(refusal);
}

function isAllowed({ permissions }: UserRow, access: Access, station: string): boolean {
  if (permissions === undefined) return true;
  const patterns = access === 'read' ? permissions.allowRead : permissions.allowWrite;
  return patterns.some((pattern) => matchesPattern(pattern, station));
}

/**
 * With a star a pattern is a regular expression that may match anywhere; a dot is a dot. Deny lists never count. Go matches
 * in one pass over the name, so that no pattern takes long; the same is done here.
 */
export function matchesPattern(pattern: string, station: string): boolean {
  if (!pattern.includes('*')) return pattern === station;
  // A star with nothing before it, or with another star.
  if (/^\*|\*\*/.test(pattern)) return false;
  const parts = Array.from(pattern.matchAll(/([^*])(\*?)/g), ([, char, star]) => ({
    char,
    isStar: star !== '',
  }));
  /** Adds a place in the pattern, and those that are reached from it without a character. */
  const reach = (places: Set<number>, from: number): void => {
    let place = from;
    places.add(place);
    while (parts[place]?.isStar === true) places.add((place += 1));
  };
  let places = new Set<number>();
  for (const char of [...Array.from(station), '']) {
    reach(places, 0);
    if (places.has(parts.length)) return true;
    const next = new Set<number>();
    for (const place of places) {
      const part = parts[place];
      if (part?.char === char) reach(next, part.isStar ? place : place + 1);
    }
    places = next;
  }
  return false;
}

/** For everybody, whatever the lists say. Attaching a schema is missing, as on a real broker; detaching is not. */
const managementSubjects = [
  ...MANAGEMENT_SUBJECTS.filter((subject) => subject !== '$memphis_schema_attachments'),
  '$memphis_nacked_dls',
  '$memphis_schemaverse_dls',
  '$memphis_pm_acks',
  '$memphis_notifications',
];
const sharedPublish = [
  ...managementSubjects,
  ...foreignManagementSubjects,
  '_INBOX.>',
  '$JS.API.STREAM.NAMES',
  '$JS.API.INFO',
];
const sharedSubscribe = [
  '_INBOX.>',
  '$memphis_sdk_clients_updates',
  '$memphis_configurations_updates.init.>',
];

/**
 * The subjects that a user with lists may use. Only stations that exist now and are named in full count: a pattern gives
 * rights in the management protocol alone.
 */
export function natsPermissions(
  { permissions }: UserRow,
  stationOf: (name: string) => StationRow | undefined,
): UserPermissions | undefined {
  if (permissions === undefined) return undefined;
  const publish = new Set(sharedPublish);
  const subscribe = new Set(sharedSubscribe);
  for (const [access, names] of [
    ['read', permissions.allowRead],
    ['write', permissions.allowWrite],
  ] as const) {
    for (const station of names.flatMap((name) => stationOf(name) ?? [])) {
      for (const partition of placesOf(station)) {
        const stream = streamOf(station, partition);
        publish.add(`$JS.API.STREAM.INFO.${stream}`);
        if (access === 'write') {
          publish.add(`${stream}.>`);
          continue;
        }
        publish.add(`$JS.API.CONSUMER.INFO.${stream}.*`);
        publish.add(`$JS.API.CONSUMER.MSG.NEXT.${stream}.*`);
        publish.add(`$JS.ACK.${stream}.>`);
        subscribe.add(`${stream}.>`);
      }
      const name = internalName(station.name);
      for (const kind of ['schema', 'functions']) subscribe.add(`$memphis_${kind}_updates_${name}`);
      subscribe.add(`$memphis_dls_${name}.>`);
    }
  }
  return { publish: [...publish], subscribe: [...subscribe] };
}
