import { observeStation } from '../../src/runtime/reconcile';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';

const deployment = Deployment.forThisFile({ store: 'memory', nodes: 3 });

async function copies(station: string): Promise<number[]> {
  const live = await observeStation(deployment.admin, station);
  return (live?.streams ?? []).map(({ config }) => config.num_replicas);
}

test('on a cluster the number of replicas changes in place, its drift is shown and repaired, and messages stay', async () => {
  const { admin, broker } = deployment;
  const stack = deployment.stack();
  const declare = (replicas: number): void =>
    stack.declare({ stations: { copied: { name: 'copied', partitions_number: 2, replicas } } });
  declare(1);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(broker, 'copied', 6, 2);

  declare(3);
  expect((await stack.plan()).code).toBe(2);
  expect(await stack.changes()).toEqual({
    'memphis_station.copied': { actions: ['update'], attributes: { replicas: [1, 3] } },
  });
  expect(await stack.applyPlan()).toMatchObject({ code: 0 });
  expect(await copies('copied')).toEqual([3, 3]);

  // Two replicas are three on the broker, so this is no change.
  declare(2);
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  declare(3);

  const live = await observeStation(admin, 'copied');
  const second = live?.streams[1];
  if (second === undefined) throw new Error('the station lost a partition');
  await admin.updateStream({ ...second.config, num_replicas: 1 });
  expect((await stack.plan()).code).toBe(2);
  expect(await stack.changes()).toEqual({
    'memphis_station.copied': { actions: ['update'], attributes: { replicas: [1, 3] } },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await copies('copied')).toEqual([3, 3]);
  expect(await deployment.messages('copied')).toBe(6);
  expect((await stack.plan()).code).toBe(0);
});
