import type { NatsConnection } from 'nats';
import { connect } from 'nats';

import { DeadLetterContents } from './dead-letters/contents';
import { DeadLetterInbox } from './dead-letters/inbox';
import { Resending } from './dead-letters/resending';
import { JetStreamApi } from './jetstream/api';
import { headersFrom } from './jetstream/headers';
import { serveManagement } from './management/listener';
import type { ServerUser } from './nats-server/configuration';
import { Broadcasts } from './objects/broadcasts';
import { connectCheck } from './objects/connect-check';
import { Connections } from './objects/connections';
import type { BrokerContext } from './objects/context';
import { ensureDefaults, ensureRootUser } from './objects/first-start';
import { recover } from './objects/recovery';
import type { ConnectHook } from './proxy';
import type { RestServer } from './rest/server';
import { serveRest } from './rest/server';
import { Sessions } from './rest/sessions';
import type { BrokerSettings } from './settings';
import { hostInUrl, reachableHost } from './settings';
import { openBucket } from './store/bucket';
import { ChangeQueue } from './store/change-queue';
import { loadMetadata } from './store/metadata';

const CONNECT_TIMEOUT_MS = 10_000;
const LAST_CHANGES_TIMEOUT_MS = 2_000;

/** The users that the control plane is on its own server. */
export interface ControlPlaneUsers {
  readonly account: ServerUser;
  readonly system: ServerUser;
}

/** What makes a nats-server a Memphis broker: the management protocol and the REST API. */
export interface ControlPlane {
  readonly rest: RestServer;
  /** Its say on every client that connects. */
  readonly connectHook: ConnectHook;
  /** Finishes what is under way and ends. The server stays. */
  close(): Promise<void>;
}

/** Reads the metadata of the store, puts right what a kill left behind, and begins to serve. */
export async function startControlPlane(
  settings: BrokerSettings,
  serverPort: number,
  clientsPort: number,
  users: ControlPlaneUsers,
  log: (line: string) => void,
): Promise<ControlPlane> {
  const address = `${hostInUrl(reachableHost(settings.host))}:${serverPort}`;
  const connection = await connectAs(users.account, address);
  const system = await connectAs(users.system, address).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const state = { isClosing: false };
  const changes = new ChangeQueue();
  const disconnect = async (): Promise<void> => {
    await Promise.all([system, connection].map((each) => each.close().catch(() => undefined)));
  };
  try {
    const storage = settings.store === 'memory' ? 'memory' : 'file';
    const jetstream = new JetStreamApi(connection);
    const [metadata, deadLetterContents] = await Promise.all([
      openBucket(connection, storage).then(loadMetadata),
      DeadLetterContents.open(jetstream, storage),
    ]);
    const context: BrokerContext = {
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
    await recover(context);
    await ensureDefaults(context, await ensureRootUser(context, settings.username));
    const tokenSecret = await metadata.secret('jwt');
    const refreshSecret = await metadata.secret('refresh-jwt');
    clients.watch(system);
    const inbox = new DeadLetterInbox(connection, context);
    await inbox.open(storage);
    serveManagement(connection, context);
    const rest = await serveRest(context, settings.host, settings.restPort, (restPort) => {
      const { username, password } = settings;
      return new Sessions(context, {
        username,
        password,
        port: clientsPort,
        restPort,
        tokenSecret,
        refreshSecret,
      });
    });
    await Promise.all([connection.flush(), system.flush()]);
    return {
      rest,
      connectHook: connectCheck(context),
      async close() {
        state.isClosing = true;
        inbox.close();
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

function connectAs({ user, password }: ServerUser, address: string): Promise<NatsConnection> {
  return connect({
    servers: address,
    user,
    pass: password,
    name: 'cdktf-memphis control plane',
    timeout: CONNECT_TIMEOUT_MS,
    // The server is our child: when it is gone, it does not come back.
    reconnect: false,
  });
}
