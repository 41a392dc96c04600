import type { NatsConnection } from 'nats';
import { randomUUID } from 'node:crypto';
import type { Connection } from '../../model/connection';
import { openConnection } from '../connection/open-connection';
import { PartitionStreams, adminRequests } from './jetstream';
import { KvLedger } from './ledger';
import type { Admin, BrokerFacts } from './port';
import { RestApi } from './rest';
import { RestSchemas } from './rest-schemas';
import { RestStations } from './rest-stations';
import { StreamSnapshots } from './stream-snapshots';
import { watchStreams } from './stream-advisories';
import { detachSchemaOverNats } from './schema-detachment';
import { refuseReplicasOnSingleNode, refuseUnsafeStreamUpdate } from './unsafe-requests';

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
    throw error;
  }
}

function adminOf(connection: Connection, nats: NatsConnection, rest: RestApi): Admin {
  const facts = factsOf(connection, nats);
  const streams = new PartitionStreams(nats);
  const snapshots = new StreamSnapshots(nats, adminRequests(nats));
  const stations = new RestStations(rest);
  const schemas = new RestSchemas(rest);
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
      return stations.create(station);
    },
    removeStation: (name) => stations.remove(name),
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
    close: async () => {
      rest.close();
      await nats.close();
    },
  };
}

function factsOf(connection: Connection, nats: NatsConnection): BrokerFacts {
  const info = nats.info;
  return {
    address: `${connection.host}:${connection.port}`,
    restAddress: connection.restUrl,
    restUsername: connection.restUsername,
    serverVersion: info?.version ?? '',
    stock: info === undefined || !('connection_id' in info),
    clustered: info !== undefined && 'cluster' in info,
  };
}
