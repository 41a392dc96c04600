import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { OrdersStack } from '../../stacks/orders/orders-stack';
import { withEnvironment } from '../constructs/support/environment';
import { expectGolden } from '../constructs/support/golden';
import { scratch } from '../constructs/support/stack';

jest.mock('../../src/constructs/package-root', () =>
  jest.requireActual<object>('../constructs/support/fixture-package'),
);
// The sources in place of the built library, which the end-to-end tests use.
jest.mock('cdktf-memphis', () => jest.requireActual<object>('../../src'), { virtual: true });

/** The stack's JSON as `cdktf synth` writes it, with the given environment. */
function synthesised(environment: Readonly<Record<string, string>> = {}): string {
  const outdir = scratch();
  withEnvironment({ ...unset, ...environment }, () => {
    const app = new App({ outdir });
    new OrdersStack(app, 'orders');
    app.synth();
  });
  return readFileSync(join(outdir, 'stacks/orders/cdk.tf.json'), 'utf8');
}

/** What the stack reads, as in a process that says nothing. */
const unset = { ORDERS_ALLOW_MESSAGE_LOSS: undefined, ORDERS_SMOKE_RUN: undefined };

describe('the orders stack', () => {
  test('is legal, and is the same on every machine', () => {
    expectGolden('orders.tf.json', synthesised());
  });

  test('has no secret of the environment', () => {
    expect(synthesised({ MEMPHIS_PASSWORD: 'hidden-1', MEMPHIS_USERNAME: 'hidden-2' })).not.toContain(
      'hidden',
    );
  });

  test.each([
    ['true', 'true'],
    ['false', 'false'],
    ['1', 'false'],
  ])('ORDERS_ALLOW_MESSAGE_LOSS=%s lets all three stations go: %s', (value, rendered) => {
    const text = synthesised({ ORDERS_ALLOW_MESSAGE_LOSS: value });
    expect(text.match(/"allow_message_loss": (true|false)/g)).toEqual(
      Array(3).fill(`"allow_message_loss": ${rendered}`),
    );
  });

  test('ORDERS_SMOKE_RUN runs the smoke test again', () => {
    expect(synthesised({ ORDERS_SMOKE_RUN: 'run-7' })).toContain('"rerun_on": "run-7"');
    expect(synthesised()).not.toContain('rerun_on');
  });
});
