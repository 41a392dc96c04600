import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from '../support/deployment';

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
