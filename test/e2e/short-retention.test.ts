import { observeStation } from '../../src/runtime/reconcile';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();

const windowMs = async (): Promise<number | undefined> =>
  (await observeStation(deployment.admin, 'short'))?.streams[0]?.config.duplicate_window;

test('a short retention shortens the idempotency window that nobody declares, in both directions', async () => {
  const stack = deployment.stack();
  const declare = (values: Attributes): void =>
    stack.declare({ stations: { short: { name: 'short', ...values } } });
  declare({ retention_value: 60 });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await windowMs()).toBe(60e9);
  expect(await stack.plan()).toMatchObject({ code: 0 });

  declare({ retention_value: 30 });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await windowMs()).toBe(30e9);

  declare({ retention_value: 3600 });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await windowMs()).toBe(120e9);
  expect(await stack.plan()).toMatchObject({ code: 0 });

  // Its value is known only in the apply, and so is the window.
  const more = { resource: { terraform_data: { seconds: { input: 20 } } } };
  const stations = { short: { name: 'short', retention_value: '${terraform_data.seconds.output}' } };
  stack.declare({
    more: { resource: { ...more.resource, memphis_station: stations } },
  });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await windowMs()).toBe(20e9);
  expect(await stack.plan()).toMatchObject({ code: 0 });
});
