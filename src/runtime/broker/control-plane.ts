import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { PlacedStreams } from './cluster/placed-streams';
import { repeatRequests } from './cluster/repeated-requests';
import { DeadLetterContents } from './dead-letters/contents';
import { DeadLetterInbox } from './dead-letters/inbox';
import { Resending } from './dead-letters/resending';
import { JetStreamApi } from './jetstream/api';
import { headersFrom } from './jetstream/headers';
import { serveManagement } from './management/listener';
import { reloadServers } from './nats-server/reload';
import type { ServerUser, UsersFile } from './nats-server/users-file';
import { Broadcasts } from './objects/broadcasts';
import { connectCheck } from './objects/connect-check';
import { Connections } from './objects/connections';
import type { BrokerContext } from './objects/context';
import { ensureDefaults, ensureRootUser } from './objects/first-start';
import { startHousekeeping } from './objects/housekeeping';
import { recover } from './objects/recovery';
import { noServerUsers, serverUsers } from './objects/server-users';
import type { ConnectHook, OwnServerTls } from './proxy';
import type { RestServer } from './rest/server';
import { serveRest } from './rest/server';
import { Sessions } from './rest/sessions';
import type { BrokerSettings } from './settings';
import { openBucket } from './store/bucket';
import { ChangeQueue } from './store/change-queue';
import { loadMetadata } from './store/metadata';

const CONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_PAUSE_MS = 100;
const LAST_CHANGES_TIMEOUT_MS = 2_000;

/** The users that the control plane is on its own server. */
export interface ControlPlaneUsers {
  readonly account: ServerUser;
  readonly system: ServerUser;
  /** The only user of the account that holds the metadata. */
  readonly metadata: ServerUser;
  /** Who every client is to the server when clients have a token. */
  readonly clients: ServerUser;
  /** What stands in front of the names of users with lists; random. */
  readonly limitedPrefix: string;
}

/** Every nats-server of the broker, and how to reach them. */
export interface OwnServers {
  /** `host:port` of each. */
  readonly addresses: readonly string[];
  /** Names of those that run now. */
  readonly running: () => readonly string[];
  readonly tls: OwnServerTls | undefined;
}

/** What makes a nats-server a Memphis broker: the management protocol and the REST API. */
export interface ControlPlane {
  readonly rest: RestServer;
  /** Its say on every client that connects. */
  readonly connectHook: ConnectHook;
  /** To be told when a server of several has ended; its name. */
  readonly serverGone: (name: string) => void;
  /** Finishes what is under way and ends. The server stays. */
  close(): Promise<void>;
}

/** Reads the metadata of the store, puts right what a kill left behind, and begins to serve. */
export async function startControlPlane(
  settings: BrokerSettings,
  servers: OwnServers,
  clientsPort: number,
  users: ControlPlaneUsers,
  usersOfServers: { readonly file: UsersFile; readonly always: readonly ServerUser[] },
  log: (line: string) => void,
): Promise<ControlPlane> {
  const { connectionToken: token, nodes } = settings;
  const [connection, system, management] = await connectAll(
    [users.account, users.system, users.metadata],
    servers,
  );
  const state = { isClosing: false };
  const changes = new ChangeQueue();
  let inbox: DeadLetterInbox | undefined;
  const disconnect = async (): Promise<void> => {
    // It has a timer that outlives the connection.
    inbox?.close();
    await Promise.all([system, management, connection].map((each) => each.close().catch(() => undefined)));
  };
  try {
    const storage = settings.store === 'memory' ? 'memory' : 'file';
    const jetstream =
      nodes === 1 ? new JetStreamApi(connection) : new PlacedStreams(connection, servers.running, nodes);
    const [metadata, deadLetterContents] = await Promise.all([
      openBucket(management, connection, storage, nodes).then(loadMetadata),
      DeadLetterContents.open(jetstream, storage, nodes),
    ]);
    const context: BrokerContext = {
      nodes,
      mode: {
        tenant: token === undefined ? '$memphis' : '$G',
        connectionToken: token ?? '',
        racesForTags: settings.faithful !== undefined,
        cutsListings: settings.faithful !== undefined,
        admitsUsersLate: settings.faithful !== undefined,
      },
      newTags: new Map(),
      rootPassword: { value: settings.password },
      serverUsers:
        token === undefined
          ? serverUsers(
              metadata,
              usersOfServers.file,
              usersOfServers.always,
              await metadata.secret('passwords'),
              users.limitedPrefix,
              () => reloadServers(system, nodes),
            )
          : noServerUsers,
      metadata,
      jetstream,
      deadLetterContents,
      resending: new Resending(),
      publish: (subject, data, headers) =>
        connection.publish(subject, data, headers === undefined ? {} : { headers: headersFrom(headers) }),
      broadcasts: new Broadcasts(connection),
      changes,
      sdkOf: (connectionId) => clients.sdkOf(connectionId),
      // While the broker ends, requests fail for a reason that everybody knows.
      log: (line) => {
        if (!state.isClosing) log(line);
      },
    };
    const clients: Connections = new Connections(context);
    await clients.markAllAway();
    await recover(context, settings.faithful !== undefined);
    await ensureDefaults(context, await ensureRootUser(context, settings.username));
    await context.serverUsers.update();
    const tokenSecret = await metadata.secret('jwt');
    const refreshSecret = await metadata.secret('refresh-jwt');
    clients.watch(system);
    inbox = new DeadLetterInbox(connection, context);
    await inbox.open(storage, nodes);
    serveManagement(management, context);
    const rest = await serveRest(context, settings, (restPort) => {
      return new Sessions(context, {
        port: clientsPort,
        restPort,
        tokenSecret,
        refreshSecret,
      });
    });
    const endHousekeeping = startHousekeeping(context, settings.faithful?.staleStationsAfterMs);
    await Promise.all([connection, management, system].map((each) => each.flush()));
    return {
      rest,
      connectHook: connectCheck(context, users.clients, users.limitedPrefix),
      serverGone: (name) => clients.serverGone(name),
      async close() {
        state.isClosing = true;
        endHousekeeping();
        inbox?.close();
        await rest.close();
        await changes.idle(LAST_CHANGES_TIMEOUT_MS);
        await disconnect();
      },
    };
  } catch (error) {
    state.isClosing = true;
    await disconnect();
    throw error;
  }
}

/** @throws the first failure, with no connection left open. */
async function connectAll(
  users: readonly [ServerUser, ServerUser, ServerUser],
  servers: OwnServers,
): Promise<[NatsConnection, NatsConnection, NatsConnection]> {
  const open: NatsConnection[] = [];
  const connectOne = async (user: ServerUser): Promise<NatsConnection> => {
    const connection = await connectAs(user, servers);
    open.push(connection);
    return connection;
  };
  const [first, second, third] = users;
  try {
    return [await connectOne(first), await connectOne(second), await connectOne(third)];
  } catch (error) {
    await Promise.all(open.map((each) => each.close()));
    throw error;
  }
}

async function connectAs(
  { user, password }: ServerUser,
  { addresses, running, tls }: OwnServers,
): Promise<NatsConnection> {
  const isCluster = addresses.length > 1;
  const connection = await connect({
    servers: [...addresses],
    user,
    pass: password,
    name: 'cdktf-memphis control plane',
    timeout: CONNECT_TIMEOUT_MS,
    // The servers are our children: when the last is gone, none comes back.
    reconnect: isCluster,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_PAUSE_MS,
    // What servers tell of each other are their proxies, which are for clients.
    ignoreClusterUpdates: true,
    noRandomize: true,
    // Otherwise each request records a stack trace in advance.
    noAsyncTraces: true,
    ...(tls === undefined ? {} : { tls }),
  });
  const canAgree = (): boolean => running().length > addresses.length / 2;
  return isCluster ? repeatRequests(connection, canAgree) : connection;
}
