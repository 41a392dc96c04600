import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Deployment } from '../support/deployment';
import { Terraform } from '../support/terraform';

const deployment = Deployment.forThisFile();

test('terraform -chdir initialises a stack from another folder as the guide says', async () => {
  const { directory } = await deployment.stackThatStartsItsProvider();
  rmSync(join(directory, '.terraform'), { recursive: true });
  const elsewhere = new Terraform(dirname(directory), { env: deployment.environment });
  const chdir = `-chdir=${basename(directory)}`;
  const init = await elsewhere.run([chdir, 'init', '-input=false', '-plugin-dir=terraform.d/plugins']);
  expect(init).toMatchObject({ code: 0 });
  expect(await elsewhere.run([chdir, 'plan', '-detailed-exitcode', '-input=false'])).toMatchObject({
    code: 0,
  });
});
