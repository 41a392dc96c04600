import { readFileSync } from 'node:fs';
import path from 'node:path';

import { LocalBroker } from '../../../src/runtime/broker';

/** A program that starts a broker on the store it is given, tells where it is, and never ends by itself. */
async function main(store: string): Promise<void> {
  const broker = await LocalBroker.start({ store });
  const lock = JSON.parse(readFileSync(path.join(store, 'broker.lock'), 'utf8')) as {
    server: { pid: number };
  };
  console.log(JSON.stringify({ serverPid: lock.server.pid, port: broker.port, restPort: broker.restPort }));
}

void main(process.argv[2] ?? '');
