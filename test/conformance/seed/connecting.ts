import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LocalBrokerOptions } from '../../../src/runtime/broker';
import { LocalBroker } from '../../../src/runtime/broker';
import type { ConnectOptions } from '../../../src/runtime/messaging';
import { Memphis } from '../../../src/runtime/messaging';
import { BareServer } from '../../runtime/messaging/bare-server';
import { CapturingServer } from './capturing-server';

/** The login of a broker that is as it was installed. */
export const local = { host: '127.0.0.1', username: 'root', password: 'memphis' } as const;

/** What rows about connections start; all of it is ended after the row, also when it fails. */
export interface Connections {
  readonly afterRow: (cleanUp: () => Promise<unknown>) => void;
  readonly connect: (options: ConnectOptions) => Promise<Memphis>;
  /** A nats-server that is no Memphis broker, for what no Memphis broker does. */
  readonly bareServer: (configuration: string, files?: Record<string, Buffer>) => Promise<BareServer>;
  /** A broker of one's own, in a mode of one's own. */
  readonly localBroker: (options: LocalBrokerOptions) => Promise<LocalBroker>;
  /** What a client with these options tells the server when it connects. */
  readonly connectFrame: (options?: Partial<ConnectOptions>) => Promise<Readonly<Record<string, unknown>>>;
  /** A folder with these files; gives the path of a name in it. */
  readonly files: (contents: Readonly<Record<string, Buffer | string>>) => Promise<(name: string) => string>;
}

export function connectionsForThisFile(): Connections {
  const cleanUps: (() => Promise<unknown>)[] = [];
  const afterRow = (cleanUp: () => Promise<unknown>): void => void cleanUps.push(cleanUp);
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const connect = async (options: ConnectOptions): Promise<Memphis> => {
    const memphis = new Memphis();
    memphis.onError(() => undefined);
    afterRow(() => memphis.close());
    await memphis.connect(options);
    return memphis;
  };
  return {
    afterRow,
    connect,
    async bareServer(configuration, files = {}) {
      const server = await BareServer.start(configuration, files);
      afterRow(() => server.kill());
      return server;
    },
    async localBroker(options) {
      const broker = await LocalBroker.start({ store: 'memory', ...options });
      afterRow(() => broker.stop());
      return broker;
    },
    async connectFrame(options = {}) {
      const server = await CapturingServer.start();
      afterRow(() => server.stop());
      await connect({ host: '127.0.0.1', username: 'root', port: server.port, ...options });
      return server.connects[0] ?? {};
    },
    async files(contents) {
      const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-memphis-connecting-'));
      afterRow(() => rm(folder, { recursive: true, force: true }));
      for (const [name, content] of Object.entries(contents))
        await writeFile(path.join(folder, name), content);
      return (name) => path.join(folder, name);
    },
  };
}
