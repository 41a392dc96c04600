import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';

const deployment = Deployment.forThisFile();

test('a plan after a lost state says that the state does not contain the object', async () => {
  const stack = deployment.stack();
  stack.declare({ stations: { orders: { name: 'orders', owner: 'shop/s/orders' } } });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  rmSync(join(stack.directory, 'terraform.tfstate'));
  const { code, errors, warnings } = await stack.plan();
  expect({ code, errors, warnings }).toEqual({
    code: 2,
    errors: [],
    warnings: [
      'Station "orders" exists and is resumed\nIt exists on the broker and belongs to this declaration, but the Terraform state does not contain it. It is as declared; nothing changes on it.',
    ],
  });
});

test('an own station that the state lost is replaced where it cannot become what is declared, unless it holds messages', async () => {
  const stack = deployment.stack();
  const declare = (partitions: number, more = {}): void =>
    stack.declare({
      stations: {
        lost: { name: 'lost', owner: 'shop/s/lost', partitions_number: partitions, ...more },
        carried: {
          name: 'carried',
          owner: 'shop/s/carried',
          partitions_number: partitions,
          on_replace: 'carryMessages',
        },
      },
    });
  const loseState = (): void => rmSync(join(stack.directory, 'terraform.tfstate'));
  declare(1);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'carried', 3);
  loseState();
  declare(2);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.messages('carried')).toBe(3);

  await publish(deployment.broker, 'lost', 1);
  loseState();
  declare(3);
  expect((await stack.plan()).errors.join()).toContain('1 message');
  declare(3, { allow_message_loss: true });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.messages('lost')).toBe(0);
});
