import { terraformName } from '../../src/model/field';
import type { ClusterConfigField } from '../../src/model/cluster-config';
import { clusterConfigFields } from '../../src/model/cluster-config';
import { brokerFields } from '../../src/model/field';
import { driftReport } from '../../src/runtime/report/sources/drift';
import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();
const declare = (attributes: Attributes) => ({
  more: { resource: { memphis_cluster_config: { it: { owner: 'shop/a/settings', ...attributes } } } },
});

const fields = brokerFields(clusterConfigFields as Readonly<Record<string, ClusterConfigField>>);
const declared: Readonly<Record<string, string | number>> = Object.fromEntries(
  fields.map(([name, { type }], index) => [
    terraformName(name),
    type === 'integer' ? 10 + index : `host-${index}`,
  ]),
);

test('each setting is written, its drift is shown and comes back, and a declaration that goes leaves them', async () => {
  const { admin, proxy } = deployment;
  const stack = deployment.stack();
  stack.declare(declare(declared));
  // The broker shows what it was given only at the third look.
  proxy.answerAsBefore('/configurations/getClusterConfig', 2);
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [], warnings: [] });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  const whole = await admin.readClusterSettings();
  expect(Object.values(whole).sort()).toEqual(Object.values(declared).sort());

  const byHand = (field: ClusterConfigField) => (field.type === 'integer' ? 99 : 'other');
  const changed = fields.map(([, field]) => ['update' in field ? field.update.key : '', byHand(field)]);
  await admin.updateClusterSettings(Object.fromEntries(changed) as never);
  expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  expect((await stack.changes())['memphis_cluster_config.it']?.attributes).toEqual(
    Object.fromEntries(
      fields.map(([name, field]) => [terraformName(name), [byHand(field), declared[terraformName(name)]]]),
    ),
  );
  expect(await stack.applyPlan()).toMatchObject({ code: 0, errors: [] });
  expect(await admin.readClusterSettings()).toEqual(whole);

  const destroyed = await stack.destroy();
  expect(destroyed).toMatchObject({ code: 0, errors: [] });
  expect(destroyed.warnings.join()).toContain('The settings of the broker stay');
  expect(await admin.readClusterSettings()).toEqual(whole);
  expect((await admin.ledger.list('cluster')).size).toBe(0);
});

test('what is left out stays, also what somebody changes later; and one declaration manages the settings', async () => {
  const { admin } = deployment;
  const before = await admin.readClusterSettings();
  const stack = deployment.stack();
  stack.declare(declare({ logs_retention_days: 5 }));
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await admin.readClusterSettings()).toEqual({ ...before, logs_retention: 5 });
  await admin.updateClusterSettings({ ...before, logs_retention: 5, ui_host: 'by-hand' });
  expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });

  const other = deployment.stack();
  other.declare(declare({ owner: 'shop/b/settings' }));
  expect((await other.plan()).errors.join()).toContain('They belong to shop/a/settings');
  other.declare(declare({ tiered_storage_time_sec: 4, max_msg_size_mb: 0, ui_host: 'a b' }));
  expect((await other.plan()).errors).toHaveLength(3);
  expect(await stack.destroy()).toMatchObject({ code: 0 });
});

test('zeros that the broker does not take back have to be declared', async () => {
  const { admin } = deployment;
  const settings = await admin.readClusterSettings();
  const stack = deployment.stack();
  stack.declare(declare({ ui_host: 'there' }));
  const zeros = deployment.proxy;
  zeros.replace('/configurations/getClusterConfig', JSON.stringify({ ...settings, dls_retention: 0 }));
  const { errors } = await stack.plan();
  expect(errors).toEqual([expect.stringContaining('dlsRetentionHours is not set on the broker')]);
  zeros.replace('/configurations/getClusterConfig', undefined);
});

test('drift of the settings is reported', async () => {
  const { admin } = deployment;
  const settings = await admin.readClusterSettings();
  const site = { stack: 's', constructPath: 's/it', address: 'memphis_cluster_config.it' };
  const values = { logsRetentionDays: settings.logs_retention + 1, uiHost: settings.ui_host };
  const report = await driftReport(
    [
      {
        name: 's',
        folder: '/',
        objects: [{ kind: 'cluster', site, provider: 'memphis', values, unresolved: [] }],
        providers: [],
        problems: [],
      },
    ],
    { environment: deployment.environment },
  );
  expect(report.objects).toMatchObject([
    {
      kind: 'cluster',
      name: 'settings',
      status: 'changed',
      action: 'update',
      differences: [{ field: 'logsRetentionDays', live: settings.logs_retention }],
    },
  ]);
});
