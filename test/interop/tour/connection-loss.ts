import { setTimeout as pause } from 'node:timers/promises';
import { duration, within15Seconds } from '../../conformance/seed/station-traffic';
import { eventually } from '../../support/broker';
import { Gate } from '../../runtime/messaging/gate';
import type { Step } from './step';
import { step } from './step';
import type { Options, Tour } from './tour';
import { rejection } from '../../support/rejection';

async function gate(tour: Tour, port = tour.credentials.port): Promise<Gate> {
  const made = await Gate.before(port);
  tour.cleanUp(() => made.close());
  return made;
}

/** How long `connect` waits for a server that never speaks. */
async function patience(tour: Tour, options: Options): Promise<number> {
  const silent = await gate(tour);
  silent.cutOffAndKeepSilent();
  return duration(() => rejection(tour.connect({ port: silent.port, ...options })));
}

/** The moments at which a client knocks after its connection is lost for good. */
async function knocks(tour: Tour, options: Options, count: number): Promise<readonly number[]> {
  const door = await gate(tour);
  const client = await tour.connect({ port: door.port, ...options });
  door.cutOff();
  await eventually(() => door.knocks.length >= count, `${count} attempts`);
  // One more would come within this time.
  await pause(400);
  await tour.sdk.call(client, 'close').catch(() => undefined);
  return door.knocks;
}

export const connectionLoss: readonly Step[] = [
  step('CON-12', 'another port', async (tour) => {
    const moved = await gate(tour);
    expect(await tour.sdk.call(await tour.connect({ port: moved.port }), 'isConnected')).toBe(true);
  }),
  step('CON-13', 'with reconnect it comes back after a loss, without it does not', async (tour) => {
    const door = await gate(tour);
    const name = await tour.station();
    const coming = await tour.connect({ port: door.port, reconnectIntervalMs: 20 });
    const staying = await tour.connect({ port: door.port, reconnect: false });
    const producer = await tour.producer(name, {}, coming);
    door.cutOnce();
    await eventually(async () => !(await tour.sdk.call(staying, 'isConnected')), 'the loss is seen');
    await eventually(() => door.open > 0, 'the other knocks again');
    await within15Seconds(async () => {
      await tour.produce(producer, 'again').catch(() => undefined);
      return (await tour.stored(name)) > 0;
    }, 'it is back');
    await expect(tour.produce(staying, 'x', { stationName: name, producerName: 'q' })).rejects.toThrow();
  }),
  step(
    'CON-14',
    'this many attempts, though never more than nine; the Python client makes one more',
    async (tour) => {
      const more = tour.isPython ? 1 : 0;
      for (const [asked, made] of [
        [3, 3 + more],
        [12, 9 + more],
      ] as const) {
        const options = { maxReconnect: asked, reconnectIntervalMs: 20 };
        expect(await knocks(tour, options, made)).toHaveLength(made);
      }
    },
  ),
  step('CON-15', 'the pause between attempts', async (tour) => {
    const [first = 0, second = 0, third = 0] = await knocks(
      tour,
      { maxReconnect: 3, reconnectIntervalMs: 500 },
      3,
    );
    for (const interval of [second - first, third - second]) {
      expect(interval).toBeGreaterThan(300);
      expect(interval).toBeLessThan(1_500);
    }
  }),
  step('CON-16', 'the time for connecting, two seconds unless told otherwise', async (tour) => {
    const [short, usual] = await Promise.all([
      patience(tour, { timeoutMs: 300, reconnect: false }),
      patience(tour, { reconnect: false }),
    ]);
    expect(short).toBeGreaterThan(280);
    expect(short).toBeLessThan(1_500);
    expect(usual).toBeGreaterThan(1_950);
    expect(usual).toBeLessThan(3_500);
  }),
];
