import type { NatsConnection } from 'nats';
import { randomUUID } from 'node:crypto';
import type { Connection } from '../../model/connection';
import type { CanonicalUser } from '../../model/user';
import { openConnection } from '../connection/open-connection';
import { PartitionStreams, adminRequests } from './jetstream';
import { KvLedger } from './ledger';
import { AuthenticationError, ConnectionError, TimeoutError } from '../../model/errors';
import type { Admin, BrokerFacts, Login } from './port';
import { RestApi } from './rest';
import { readClusterSettings, writeClusterSettings } from './rest-cluster';
import { RestSchemas } from './rest-schemas';
import { RestStations } from './rest-stations';
import { StreamSnapshots } from './stream-snapshots';
import { RestUsers } from './rest-users';
import { seesRequestsOf } from './seen-requests';
import { streamsOnly } from './streams-only';
import { watchStreams } from './stream-advisories';
import { detachSchemaOverNats } from './schema-detachment';
import { refuseReplicasOnSingleNode, refuseUnsafeStreamUpdate } from './unsafe-requests';
import { WriteTurns } from './write-turns';

/** A run is short: a broker that stays away for some seconds ends it with an error. */
const connectionOptions = {
  reconnect: true,
  maxReconnect: 5,
  reconnectIntervalMs: 500,
  timeoutMs: 5_000,
};

const settingNames = {
  address: 'MEMPHIS_HOST and MEMPHIS_PORT',
  credential: 'MEMPHIS_USERNAME and MEMPHIS_PASSWORD',
};

/**
 * Opens both sides of a broker, the client port and the REST API, so that a wrong address or credential of either is
 * found before anything is read.
 * @param restTimeoutMs how long one REST call may take; default 30,000
 * @throws ConnectionError, AuthenticationError
 */
export async function connectAdmin(connection: Connection, restTimeoutMs?: number): Promise<Admin> {
  const nats = await openConnection(
    { ...connection, ...connectionOptions, settingNames: { ...settingNames, files: connection.called } },
    `${randomUUID()}::${connection.username}`,
  );
  const rest = new RestApi(connection, restTimeoutMs);
  try {
    await rest.login();
    return adminOf(connection, nats, rest);
  } catch (error) {
    rest.close();
    await nats.close();
    throw withWayOut(error);
  }
}

/** The client port was reached, so what reads alone can go on without the REST API. */
function withWayOut(error: unknown): unknown {
  if (!(error instanceof ConnectionError || error instanceof TimeoutError)) return error;
  const { attempted, found, next } = error;
  const WithWayOut = error instanceof TimeoutError ? TimeoutError : ConnectionError;
  return new WithWayOut({
    attempted,
    found,
    next: `${next}. The client port can be reached: cdktf-memphis drift and list go on with --streams-only; everything else needs the REST API`,
    cause: error,
  });
}

/**
 * Opens the client port alone, for reads.
 * @throws ConnectionError, AuthenticationError
 */
export async function connectToStreams(connection: Connection): Promise<Admin> {
  const nats = await openConnection(
    { ...connection, ...connectionOptions, settingNames: { ...settingNames, files: connection.called } },
    `${randomUUID()}::${connection.username}`,
  );
  return streamsOnly(adminOf(connection, nats, new RestApi(connection)));
}

function adminOf(connection: Connection, nats: NatsConnection, rest: RestApi): Admin {
  const facts = factsOf(connection, nats);
  const streams = new PartitionStreams(nats);
  const snapshots = new StreamSnapshots(nats, adminRequests(nats));
  const stations = new RestStations(rest);
  const schemas = new RestSchemas(rest);
  const users = new RestUsers(rest);
  let isSeen = false;
  const turns = new WriteTurns(async () => (await users.list()).some(isLimited));
  return {
    facts,
    ledger: new KvLedger(nats, facts.clustered ? 3 : 1),
    listStreams: () => streams.listPartitionStreams(),
    readStream: (name) => streams.readStream(name),
    updateStream: async (config) => {
      refuseUnsafeStreamUpdate(config, facts);
      return streams.updateStream(config);
    },
    createStream: async (config) => {
      refuseUnsafeStreamUpdate(config, facts);
      return streams.createStream(config);
    },
    deleteStream: (name) => streams.deleteStream(name),
    countBySubject: (stream) => streams.countBySubject(stream),
    takeSnapshot: (stream, into) => snapshots.take(stream, into),
    restoreSnapshot: (from, chunks, config) => snapshots.restore(from, chunks, config),
    listConsumers: (stream) => streams.listConsumers(stream),
    createConsumer: (stream, config) => streams.createConsumer(stream, config),
    watchStreams: (watcher) => watchStreams(nats, watcher),
    listStations: () => stations.list(),
    listNewestStations: stations.newest,
    readStation: (name) => stations.read(name),
    readStationHistory: (name, partition) => stations.readHistory(name, partition),
    createStation: async (station) => {
      refuseReplicasOnSingleNode(`create station "${station.name}"`, station.replicas, facts);
      return turns.stations(() => stations.create(station));
    },
    removeStation: (name) => turns.stations(() => stations.remove(name)),
    setDlsConfiguration: (station, flags) => stations.setDlsConfiguration(station, flags),
    attachDlsStation: (station, dlsStation) => stations.attachDlsStation(station, dlsStation),
    detachDlsStation: (station, dlsStation) => stations.detachDlsStation(station, dlsStation),
    addStationTags: (station, tags) => stations.addTags(station, tags),
    removeStationTag: (station, tag) => stations.removeTag(station, tag),
    listSchemas: schemas.list,
    readSchema: (name) => schemas.read(name),
    createSchema: (schema) => schemas.create(schema),
    createSchemaVersion: (schema) => schemas.createVersion(schema),
    activateSchemaVersion: (name, versionNumber) => schemas.activateVersion(name, versionNumber),
    removeSchema: (name) => schemas.remove(name),
    attachSchema: (station, schema) => stations.attachSchema(station, schema),
    detachSchema: (station) =>
      connection.connectionToken === undefined
        ? stations.detachSchema(station)
        : detachSchemaOverNats(nats, connection.username, station),
    listUsers: users.list,
    createUser: (user) => {
      if (isLimited(user)) turns.limitedUserComes();
      return turns.users(() => users.create(user));
    },
    removeUser: (name) => turns.users(() => users.remove(name)),
    canSeeRest: async (station, partition) => {
      if (isSeen) return true;
      const seen = await seesRequestsOf(nats, rest, station, partition);
      isSeen = seen === true;
      return seen;
    },
    readClusterSettings: () => readClusterSettings(rest),
    updateClusterSettings: (settings) => turns.users(() => writeClusterSettings(rest, settings)),
    canLogIn: (login) => canLogIn(connection, login),
    close: async () => {
      rest.close();
      await nats.close();
    },
  };
}

/** A user with permission lists. */
function isLimited({
  allowReadPermissions,
  allowWritePermissions,
}: Pick<CanonicalUser, 'allowReadPermissions' | 'allowWritePermissions'>): boolean {
  return allowReadPermissions.length + allowWritePermissions.length > 0;
}

async function canLogIn(connection: Connection, { name, type, password }: Login): Promise<boolean> {
  // With a connection token the client port knows no passwords.
  if (type === 'application' && connection.connectionToken !== undefined) return true;
  try {
    if (type === 'management') {
      const rest = new RestApi({ ...connection, restUsername: name, restPassword: password });
      await rest.login().finally(() => rest.close());
    } else {
      const options = { ...connection, ...connectionOptions, reconnect: false, username: name, password };
      const nats = await openConnection({ ...options, settingNames }, `${randomUUID()}::${name}`);
      await nats.close();
    }
    return true;
  } catch (error) {
    return !(error instanceof AuthenticationError);
  }
}

function factsOf(connection: Connection, nats: NatsConnection): BrokerFacts {
  const info = nats.info;
  return {
    address: `${connection.host}:${connection.port}`,
    restAddress: connection.restUrl,
    username: connection.username,
    usesToken: connection.connectionToken !== undefined,
    restUsername: connection.restUsername,
    serverVersion: info?.version ?? '',
    stock: info === undefined || !('connection_id' in info),
    clustered: info !== undefined && 'cluster' in info,
  };
}
