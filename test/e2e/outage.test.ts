import { LocalBroker } from '../../src/runtime/broker';
import { RestProxy } from '../support/rest-proxy';
import { Stack } from '../support/stack';

const STATIONS = 14;

test('a broker that dies during an apply prints its reason once, then one short line per remaining resource', async () => {
  const broker = await LocalBroker.start({ store: 'memory' });
  const proxy = await RestProxy.start(broker.restUrl);
  const stack = await Stack.create({ ...broker.environment(), MEMPHIS_REST_URL: proxy.url });
  try {
    const numbers = Array.from({ length: STATIONS }, (_, number) => number);
    stack.declare({
      stations: Object.fromEntries(numbers.map((number) => [`s${number}`, { name: `dying-${number}` }])),
    });
    proxy.before('/stations/createStation', () => broker.stop());
    const run = await stack.apply();

    expect(run.code).toBe(1);
    const [whole, short] = [true, false].map((isWhole) =>
      run.errors.filter((error) => error.includes('(MEMPHIS_') === isWhole),
    );
    expect(run.errors.length).toBeGreaterThan(2);
    expect({ whole: whole?.length, errors: run.errors }).toEqual({ whole: 1, errors: run.errors });
    for (const error of short ?? []) {
      expect(error.trim()).toMatch(
        /^Could not .*station "dying-\d+".*: the broker is still unreachable; the longer error of this run says why$/,
      );
    }
  } finally {
    stack.remove();
    await proxy.stop();
    await broker.stop();
  }
}, 120_000);
