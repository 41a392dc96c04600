import { ClosedError } from '../../../src/model/errors';
import type { ConnectOptions, Memphis } from '../../../src/runtime/messaging';
import { completeConnectOptions } from '../../../src/runtime/messaging/connection/connect-options';
import { eventually } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import { connectionsForThisFile, local } from './connecting';
import { row } from './row';
import { gateBefore, trafficForThisFile } from './station-traffic';
import { rejection } from '../../support/rejection';

const traffic = trafficForThisFile();
const { broker } = traffic;
const { afterRow, bareServer, connect } = connectionsForThisFile();

row('CON-13', async () => {
  const { gate, options } = await gateBefore(broker);
  afterRow(() => gate.close());
  const { name } = await traffic.station();
  const reconnecting = await connect({ ...options, reconnectIntervalMs: 20 });
  const ending = await connect({ ...options, reconnect: false });
  gate.cutOff();
  await eventually(() => !ending.isConnected() && !reconnecting.isConnected(), 'the loss is seen');
  await eventually(() => gate.knocks.length > 1, 'one of them tries again and again');
  gate.letIn();
  await reconnecting.produce({ stationName: name, producerName: 'p', message: 'again' });
  expect((await broker.storedMessage(name, 1, 1)).data.toString()).toBe('again');
  expect(await rejection(ending.station({ name }))).toBeInstanceOf(ClosedError);
  // What ended may be connected anew.
  await ending.connect(options);
  expect(ending.isConnected()).toBe(true);
});

/** A client with these options whose connection is lost for good. */
async function cutOff(options: Partial<ConnectOptions>): Promise<{ gate: Gate; memphis: Memphis }> {
  const server = await bareServer('');
  const gate = await Gate.before(server.port);
  afterRow(() => gate.close());
  const memphis = await connect({ ...local, port: gate.port, ...options });
  gate.cutOff();
  return { gate, memphis };
}

/** The moments at which it knocks until it gives up. */
async function knocks(options: Partial<ConnectOptions>): Promise<readonly number[]> {
  const { gate, memphis } = await cutOff(options);
  let ended = false;
  memphis.onError(() => {
    ended = true;
  });
  await eventually(() => ended, 'it gives up');
  return gate.knocks;
}

row('CON-14', async () => {
  expect(completeConnectOptions(local).maxReconnect).toBe(-1);
  // The official clients lower everything above nine.
  expect(await knocks({ maxReconnect: 12, reconnectIntervalMs: 5 })).toHaveLength(12);
  expect(await knocks({ maxReconnect: 1, reconnectIntervalMs: 5 })).toHaveLength(1);
  expect(await knocks({ maxReconnect: 0, reconnectIntervalMs: 5 })).toHaveLength(0);
  const { gate, memphis } = await cutOff({ reconnectIntervalMs: 5 });
  await eventually(() => gate.knocks.length > 40, 'without a number it goes on for ever');
  gate.letIn();
  await eventually(() => memphis.isConnected(), 'and comes back after that');
});

row('CON-15', async () => {
  expect(completeConnectOptions(local).reconnectIntervalMs).toBe(1500);
  const [first = 0, second = 0, third = 0] = await knocks({ maxReconnect: 3, reconnectIntervalMs: 150 });
  for (const interval of [second - first, third - second]) {
    expect(interval).toBeGreaterThan(140);
    expect(interval).toBeLessThan(400);
  }
});
