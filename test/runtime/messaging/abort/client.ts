import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Memphis } from '../../../../src/runtime/messaging';
import { CatchingUp } from '../../../../src/runtime/messaging/station/catching-up';
import { brokerIsExternal, TestBroker } from '../../../support/broker';
import { WireTap } from '../../../support/wire-tap';
import { Gate } from '../gate';

/** These tests break the way to a local broker. */
export const here = brokerIsExternal ? describe.skip : describe;

export const listenersOn = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
export const atOnce = { signal: AbortSignal.abort(new Error('close at once')) };

export interface Client {
  readonly memphis: Memphis;
  readonly station: string;
  readonly gate: Gate;
  readonly relay: WireTap;
  readonly broker: TestBroker;
}

export interface Setting {
  readonly broker: TestBroker;
  /** Has something ended after the test, also when it fails. */
  readonly after: (cleanUp: () => Promise<unknown>) => void;
  /** A client whose way to the broker can be broken, and is written down. */
  readonly client: () => Promise<Client>;
}

/** A broker for the tests of a file, none of which may leave a rejection that nobody handles. */
export function settingForThisFile(): Setting {
  const broker = TestBroker.forThisFile();
  const cleanUps: (() => Promise<unknown>)[] = [];
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  beforeAll(() => void process.on('unhandledRejection', note));
  // What the client asks for when the connection is back is none of an aborted call's.
  beforeEach(() => void jest.spyOn(CatchingUp.prototype, 'begin').mockReturnValue());
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  afterAll(async () => {
    await pause(20);
    process.removeListener('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
  const after = (cleanUp: () => Promise<unknown>): void => void cleanUps.push(cleanUp);
  return {
    broker,
    after,
    client: async () => {
      const relay = await WireTap.before(broker.options.port);
      after(() => relay.close());
      const gate = await Gate.before(relay.port);
      after(() => gate.close());
      const memphis = new Memphis();
      after(() => memphis.close(atOnce));
      memphis.onError(() => undefined);
      await memphis.connect({
        ...broker.options,
        host: '127.0.0.1',
        port: gate.port,
        reconnectIntervalMs: 20,
      });
      return { memphis, station: broker.stationName(), gate, relay, broker };
    },
  };
}

/** What a client published; subscriptions and pings change nothing. */
export const published = ({ relay }: Client): string[] => relay.said.match(/(?<=^|\n)H?PUB [^\r]*/g) ?? [];

/** What a promise is by now, without waiting for it. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  const settled = promise.then(
    () => 'fulfilled' as const,
    () => 'rejected' as const,
  );
  return Promise.race([settled, pause(0, 'pending' as const)]);
}

export type Call = (signal: AbortSignal) => Promise<unknown>;

/** The call waits; aborted, it rejects at once with the reason, and leaves no listener. */
export async function rejectsWithReason(call: Call): Promise<void> {
  const controller = new AbortController();
  const called = call(controller.signal);
  called.catch(() => undefined);
  await pause(15);
  expect(await stateOf(called)).toBe('pending');
  const reason = new Error('enough');
  const begin = performance.now();
  controller.abort(reason);
  await expect(called).rejects.toBe(reason);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect(listenersOn(controller.signal)).toBe(0);
}
