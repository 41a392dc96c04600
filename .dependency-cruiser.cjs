// The import directions of the source tree: model <- schema; model <- connection <- admin, messaging, broker; admin <- reconcile, smoke, synthesised <- provider, report <- cli; reconcile <- inventory <- export <- cli; certificate serves broker and provider.
const runtime = (...names) => `^src/runtime/(${names.join('|')})(/|$)`;

/** A rule that says which parts of src a folder may import; everything else under src is forbidden. */
const mayImport = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    mayImport('model-imports-nothing', '^src/model/', []),
    mayImport('schema-imports-the-model', '^src/schema/', ['^src/model/']),
    mayImport('constructs-import-model-and-schema', '^src/(constructs/|index\\.ts$)', [
      '^src/model/',
      '^src/schema/',
      '^src/constructs/',
      '^src/index\\.ts$',
    ]),
    mayImport('connection-imports-the-model', runtime('connection'), ['^src/model/']),
    mayImport('admin-direction', runtime('admin'), ['^src/model/', '^src/schema/', runtime('connection')]),
    mayImport('messaging-direction', runtime('messaging'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection'),
    ]),
    mayImport('reconcile-direction', runtime('reconcile'), ['^src/model/', '^src/schema/', runtime('admin')]),
    // The main entry of admin loads the NATS client, which takes longer than everything else that a provider does to
    // describe its resources or to validate.
    {
      name: 'engine-and-provider-load-pieces-of-admin',
      severity: 'error',
      from: {
        path: runtime('reconcile', 'provider'),
        pathNot: '^src/runtime/provider/resources/session\\.ts$',
      },
      to: { path: '^src/runtime/admin/index\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    mayImport('smoke-direction', runtime('smoke'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'admin', 'messaging'),
    ]),
    // In the client itself: what goes over the wire <- what is known of a station <- produce, consume.
    mayImport('messaging-connection-direction', runtime('messaging/connection'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection'),
    ]),
    mayImport('messaging-station-direction', runtime('messaging/station'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'messaging/connection'),
    ]),
    mayImport('produce-knows-no-consumer', runtime('messaging/produce'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'messaging/connection', 'messaging/station'),
    ]),
    mayImport('consume-knows-no-producer', runtime('messaging/consume'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'messaging/connection', 'messaging/station'),
    ]),
    mayImport('certificate-imports-nothing', runtime('certificate'), []),
    // The local broker stays independent of the engine and of both clients, so that it can be their oracle: a mistake that
    // they shared with it would pass every test.
    mayImport('broker-is-independent', runtime('broker'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'certificate'),
    ]),
    mayImport('provider-direction', runtime('provider'), [
      '^src/model/',
      '^src/schema/',
      runtime('admin', 'reconcile', 'certificate'),
    ]),
    mayImport('provider-framework-is-generic', '^src/runtime/provider/(wire|cty|framework)/', [
      runtime('certificate'),
    ]),
    mayImport('synthesised-direction', runtime('synthesised'), ['^src/model/', '^src/schema/']),
    mayImport('doctor-direction', runtime('doctor'), [
      '^src/model/',
      '^src/schema/',
      runtime('connection', 'admin', 'reconcile'),
    ]),
    mayImport('inventory-direction', runtime('inventory'), [
      '^src/model/',
      '^src/schema/',
      runtime('admin', 'reconcile'),
    ]),
    mayImport('export-direction', runtime('export'), [
      '^src/model/',
      '^src/schema/',
      runtime('admin', 'reconcile', 'inventory'),
    ]),
    mayImport('report-direction', runtime('report'), [
      '^src/model/',
      '^src/schema/',
      runtime('admin', 'reconcile', 'smoke', 'synthesised'),
    ]),
    {
      name: 'runtime-never-loads-cdktf',
      severity: 'error',
      from: { path: '^src/(runtime|model|schema|cli)/' },
      to: { path: 'node_modules/(cdktf|constructs|@cdktf)/' },
    },
    {
      name: 'cdktf-through-one-module',
      severity: 'error',
      from: { path: '^src/constructs/', pathNot: '^src/constructs/framework\\.ts$' },
      to: { path: 'node_modules/(cdktf|@cdktf)/' },
    },
    {
      name: 'src-never-imports-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|stacks|bench|scripts)/' },
    },
    // The provider and the page of reports are bundled with all that they use.
    {
      name: 'published-code-imports-what-the-manifest-asks-for',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/runtime/(provider|report/formats/html-page)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer'],
        pathNot: 'node_modules/@types/',
      },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
