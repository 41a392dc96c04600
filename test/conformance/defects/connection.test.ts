import { setTimeout as pause } from 'node:timers/promises';
import { MemphisError, NotFoundError } from '../../../src/model/errors';
import { Memphis } from '../../../src/runtime/messaging';
import { eventually, TestBroker } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import { notRepeated } from './not-repeated';
import { WireTap } from '../../support/wire-tap';

const broker = TestBroker.forThisFile();

/** What a test has started; ended after it, also when it fails. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function tapped() {
  const tap = await WireTap.before(broker.options.port);
  cleanUps.push(() => tap.close());
  const memphis = await broker.client({ port: tap.port });
  cleanUps.push(() => memphis.close());
  return { tap, memphis };
}

notRepeated(
  'asking whether there is a connection throws before the first connect, and says yes while it is made again',
  async () => {
    const gate = await Gate.before(broker.options.port);
    cleanUps.push(() => gate.close());
    const memphis = new Memphis();
    cleanUps.push(() => memphis.close());
    expect(memphis.isConnected()).toBe(false);
    await memphis.connect({ ...broker.options, port: gate.port, reconnectIntervalMs: 20 });
    expect(memphis.isConnected()).toBe(true);
    gate.cutOff();
    await eventually(() => !memphis.isConnected(), 'the loss is told');
    gate.letIn();
    await eventually(() => memphis.isConnected(), 'the return is told');
    await memphis.close();
    expect(memphis.isConnected()).toBe(false);
  },
);

notRepeated('a refusal in the words of Memphis, which names no subject, ends the connection', async () => {
  const { tap, memphis } = await tapped();
  const errors: Error[] = [];
  memphis.onError((error) => errors.push(error));
  const refusal = 'cant access the requested station, please contact your Memphis administrator';
  tap.speak(`-ERR 'Permissions Violation - ${refusal}'\r\n`);
  await eventually(() => errors.length > 0, 'the listener hears of it');
  expect(errors).toHaveLength(1);
  expect(errors[0]).toBeInstanceOf(MemphisError);
  const stationName = broker.stationName();
  expect(await memphis.produce({ stationName, producerName: 'p', message: 'm' })).toMatchObject({
    sequence: 1,
  });
  expect(memphis.isConnected()).toBe(true);
});

notRepeated('connecting needs a JetStream that answers, though nothing of it is used yet', async () => {
  const { tap } = await tapped();
  expect(tap.said).toContain('$memphis_sdk_clients_updates');
  expect(tap.said).not.toContain('$JS.API');
});

notRepeated('closing takes half a second at least', async () => {
  const { memphis } = await tapped();
  const stationName = broker.stationName();
  await memphis.producer({ stationName, producerName: 'p' });
  await memphis.consumer({ stationName, consumerName: 'c' });
  const begin = performance.now();
  await memphis.close();
  expect(performance.now() - begin).toBeLessThan(400);
});

notRepeated(
  'closing with a schema that is followed, and a consumer that polls, leaves half of it running',
  async () => {
    const { tap, memphis } = await tapped();
    const stationName = broker.stationName();
    await memphis.producer({ stationName, producerName: 'p' });
    const consumer = await memphis.consumer({
      stationName,
      consumerName: 'c',
      batchMaxTimeToWaitMs: 100,
      pullIntervalMs: 1,
    });
    let calls = 0;
    consumer.consume(() => {
      calls += 1;
    });
    await eventually(() => calls > 0, 'it polls');
    await memphis.close();
    const [before, said] = [calls, tap.said.length];
    await pause(250);
    expect([calls, tap.said.length]).toEqual([before, said]);
  },
);

notRepeated("an error is changed in its text, and with it the client library's own object", async () => {
  const { memphis } = await tapped();
  const station = broker.stationName('nats');
  const consumer = await memphis.consumer({
    stationName: station,
    consumerName: 'c',
    batchMaxTimeToWaitMs: 2_000,
  });
  await broker.jetStream(`CONSUMER.DELETE.${station}$1.c`);
  const error: unknown = await consumer.fetch().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotFoundError);
  // The SDKs replace "nats" wherever it stands, in names too.
  expect((error as NotFoundError).message).toContain(station);
});

notRepeated('an error of the background that nobody listens to ends the process', async () => {
  const { tap } = await tapped();
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  tap.speak(`-ERR 'Permissions Violation for Publish to "x"'\r\n`);
  await eventually(() => warnings.mock.calls.length > 0, 'a warning');
  warnings.mockRestore();
});
