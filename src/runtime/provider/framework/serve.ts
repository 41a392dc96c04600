import { CALL_NAMES, STREAMING_CALL_NAMES } from '../wire/call-names';
import type { Identity } from '../../certificate/identity';
import { createIdentity } from '../../certificate/identity';
import { handshakeLine, readHostRequest } from '../wire/handshake';
import { Lifetime } from '../wire/lifetime';
import { listenForTerraform, removeSocket } from '../wire/listener';
import { Log } from '../wire/log';
import { PluginServer } from '../wire/server';
import type { Provider } from './resource';
import type * as ServiceModule from './service';

/** Who the provider is. */
export interface ProviderIdentity {
  /** Semantic version of the package. */
  readonly version: string;
  /** Source address: `host/namespace/type`. */
  readonly address: string;
}

/** Gives the provider, or promises it. */
export type ProviderLoader<Client> = () => Provider<Client> | Promise<Provider<Client>>;

type Service = ReturnType<typeof ServiceModule.createService>;

/** How long running calls may take to finish after Terraform asked for the end; it kills after two seconds. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Runs the provider until Terraform ends it. Call it once, as the first thing of the program. Started by hand, it
 * prints what the program is and sets the exit code 1.
 * @param load gives the provider. It is called after the handshake line was printed, so that what it loads does
 *   not slow the start down.
 */
export async function serve<Client>(load: ProviderLoader<Client>, identity: ProviderIdentity): Promise<void> {
  try {
    await start(load, identity);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The provider ${identity.address} could not start: ${reason}\n`);
    process.exit(1);
  }
}

async function start<Client>(load: ProviderLoader<Client>, identity: ProviderIdentity): Promise<void> {
  const request = readHostRequest(process.env, identity);
  if ('refusal' in request) {
    process.stderr.write(`${request.refusal}\n`);
    process.exitCode = 1;
    return;
  }
  const log = new Log(`provider.${identity.address.split('/').at(-1) ?? identity.address}`);
  surviveEverything(log);

  let service: Promise<Service> | undefined;
  const orphaned = new AbortController();
  const loadOnce = () => (service ??= loadService(load, log, orphaned.signal));
  const tls = request.clientCertificate === undefined ? undefined : createIdentity();
  const server = new PluginServer(
    tls,
    request.clientCertificate,
    {
      names: CALL_NAMES,
      answer: async (call, bytes) => (await loadOnce()).answer(call, bytes),
      streamNames: STREAMING_CALL_NAMES,
      stream: async function* (call, bytes) {
        yield* (await loadOnce()).stream(call, bytes);
      },
    },
    {
      onShutdown: () => lifetime.finish('Terraform asked for it'),
      onActivity: (connections, runningCalls) => {
        // Terraform closes its connection when it ends or is killed; only then can calls be left.
        if (connections === 0 && runningCalls > 0) orphaned.abort();
        lifetime.onActivity(connections, runningCalls);
      },
    },
  );
  const lifetime = new Lifetime(() => server.close(CLOSE_GRACE_MS), log);
  const endpoint = await listenForTerraform(server.listener, request, process.platform === 'win32');
  process.on('exit', () => removeSocket(endpoint));
  lifetime.start();
  process.stdout.write(handshakeLine(endpoint, certificateField(tls), request));
  // Load while Terraform connects. A failure comes up again in the first call, where it can be answered.
  setImmediate(() => void loadOnce().catch(() => undefined));
}

async function loadService<Client>(
  load: ProviderLoader<Client>,
  log: Log,
  orphaned: AbortSignal,
): Promise<Service> {
  // A plain `require`, since this module must not be loaded before the handshake line, and bundlers keep it lazy.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { createService } = require('./service') as typeof ServiceModule;
  return createService(await load(), log, orphaned);
}

function certificateField(tls: Identity | undefined): string {
  return tls?.certificateField ?? '';
}

/** Nothing that is thrown, and no pipe that Terraform closed, may end the process in the middle of a change. */
function surviveEverything(log: Log): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const report = (error: unknown) =>
    log.error('something failed outside of a call', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
