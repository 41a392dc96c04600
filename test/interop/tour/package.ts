import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import type { Step } from './step';
import { jsStep, step } from './step';
import { rejection } from '../../support/rejection';

const SDK_FOLDER = path.resolve(__dirname, '../../../.cache/official-sdk/node_modules');

export const packaging: readonly Step[] = [
  step('PKG-1', 'the package as published is what runs', async (tour) => {
    expect(await tour.sdk.call('driver', 'version')).toBe(tour.isPython ? '1.3.1' : '1.3.2');
  }),
  jsStep('PKG-2', 'nothing that had to be compiled is loaded', async (tour) => {
    expect(await tour.sdk.call('driver', 'addons')).toEqual([]);
  }),
  step('PKG-3, PKG-4', 'it exports the client and the headers', async (tour) => {
    expect(await tour.sdk.call('driver', 'exports')).toEqual(
      expect.arrayContaining(
        tour.isPython ? ['Memphis', 'Headers'] : ['memphis', 'createMemphisInstance', 'MsgHeaders'],
      ),
    );
  }),
  step('PKG-5, PKG-6', 'the words for retention and storage are those of the wire', async (tour) => {
    expect(await tour.sdk.call('driver', 'enums')).toEqual({
      retention: {
        MAX_MESSAGE_AGE_SECONDS: 'message_age_sec',
        MESSAGES: 'messages',
        BYTES: 'bytes',
        ACK_BASED: 'ack_based',
      },
      storage: { DISK: 'file', MEMORY: 'memory' },
    });
  }),
  step('PKG-7', 'two client objects are two connections, with producers of the same name', async (tour) => {
    const name = await tour.station();
    const clients = [await tour.connect(), await tour.connect()];
    for (const client of clients) await tour.producer(name, { producerName: 'same' }, client);
    const [one = '', other = ''] = clients;
    const isConnected = async () => (await tour.overview(name)).connected_producers.length === 1;
    await tour.sdk.call(one, 'close');
    expect(await isConnected()).toBe(true);
    await tour.sdk.call(other, 'close');
    await eventually(async () => !(await isConnected()), 'the second is gone, too');
  }),
  step('PKG-8', 'network calls give something to wait for, and others go on meanwhile', async (tour) => {
    const name = await tour.station();
    for (const [method, options] of [
      ['station', { name }],
      ['producer', { stationName: name, producerName: 'p' }],
      ['consumer', { stationName: name, consumerName: 'c' }],
    ]) {
      const call = { $value: { on: 'memphis', method, options } };
      expect(await tour.sdk.call('driver', 'isAsync', [call])).toBe(true);
    }
    const order: string[] = [];
    await Promise.all([
      tour
        .consumer(name, { consumerName: 'd' })
        .then((on) => tour.fetch(on, 1))
        .then(() => order.push('an empty fetch')),
      tour.sdk.call('memphis', 'isConnected').then(() => order.push('a look')),
    ]);
    expect(order).toEqual(['a look', 'an empty fetch']);
  }),
  // Without a number of attempts the Python client would try for ever.
  step('PKG-9', 'a dead port: one error, and close is harmless then', async (tour) => {
    const client = await tour.otherClient();
    const connecting = tour.sdk.call(client, 'connect', [
      { ...tour.credentials, port: 1, timeoutMs: 500, reconnect: false, maxReconnect: 1 },
    ]);
    expect((await rejection(connecting)).message).toMatch(
      /^(CONNECTION_REFUSED|memphis: no servers available)/,
    );
    expect(await tour.sdk.call(client, 'close')).toBeNull();
  }),
  jsStep('PKG-10', 'the examples that come with it run when their blanks are filled in', async (tour) => {
    const name = await tour.station();
    const { host, port, password } = tour.credentials;
    const fill = (text: string): string =>
      text
        .replace("'<memphis-host>'", `'${String(host)}', port: ${port}`)
        .replace('<application type username>', 'root')
        .replace("'password'", `'${String(password)}'`)
        .replace('<account-id>', '1')
        .replace('<station-name>', name)
        .replaceAll(/<[a-z-]+>/g, 'filled');
    const [producer, consumer] = ['producer', 'consumer'].map((file) =>
      fill(readFileSync(path.join(SDK_FOLDER, 'memphis-dev/examples', `${file}.js`), 'utf8')),
    );
    const run = (script = ''): ChildProcess => {
      const child = spawn(process.execPath, ['-e', script], {
        env: { ...process.env, NODE_PATH: SDK_FOLDER },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      tour.cleanUp(() => Promise.resolve(child.kill('SIGKILL')));
      return child;
    };
    await once(run(producer), 'close');
    expect((await tour.broker.storedMessage(name, 1, 1)).headers).toContain('filled: filled');
    const reading = run(consumer);
    let printed = '';
    reading.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await within15Seconds(() => printed.includes('Message: Hello world'), 'it is read');
    reading.kill('SIGKILL');
    await once(reading, 'close');
  }),
];
