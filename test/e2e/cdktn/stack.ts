import { App, LocalBackend, TerraformOutput, TerraformStack } from 'cdktn';
import { MemphisFunctions, MemphisProvider, Retention, Schema, Station } from 'cdktf-memphis/cdktn';

// The stack that both frameworks synthesise; the test puts the names of cdktf's packages in for a second run.
const app = new App({
  outdir: process.env.OUTDIR ?? 'cdktf.out',
  // Without it cdktn refuses functions of providers, which Terraform 1.5 does not have.
  context: { targetVersions: { terraform: '>=1.8.0', opentofu: '>=1.7.0' } },
});
const stack = new TerraformStack(app, 'orders');
new LocalBackend(stack, { path: 'terraform.tfstate' });
new MemphisProvider(stack, 'memphis');
const deadLetters = new Station(stack, 'dead-letters', { name: 'orders-dead-letters' });
const orders = new Station(stack, 'orders', {
  name: 'orders',
  partitionsNumber: 2,
  retentionType: Retention.MESSAGES,
  retentionValue: 100,
  dlsStation: deadLetters,
});
orders.enforce(new Schema(stack, 'order', { name: 'order', type: 'json', content: '{"type":"object"}' }));
new TerraformOutput(stack, 'internal', { value: MemphisFunctions.internalName(orders.name) });
app.synth();
