import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(__dirname, '../../../..');

/** The npm packages that a fresh process has loaded after the code, which finds the provider as `provider`. */
async function packagesAfter(code: string): Promise<string[]> {
  const program = `const { memphisProvider: provider } = require('./src/runtime/provider/resources/provider.ts');
    const valuesOf = (resource, given) =>
      ({ ...Object.fromEntries(resource.attributes.map(({ name }) => [name, null])), ...given });
    const [station, schema] = provider.resources;
    ${code};
    const names = Object.keys(require.cache).map((path) => path.split('node_modules/')[1]?.split('/')[0]);
    console.log(JSON.stringify([...new Set(names.filter(Boolean))].sort()));`;
  const args = ['--require', 'tsx/cjs', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return (JSON.parse(stdout) as string[]).filter((name) => name !== 'tsx' && name !== 'esbuild');
}

// Terraform starts a provider three to five times per command, and only the processes that plan or apply talk to the
// broker. Loading nats takes longer than everything else that such a process does.
describe('a provider process loads', () => {
  test('no package to describe its resources', async () => {
    expect(await packagesAfter('provider.resources.map(({ attributes }) => attributes.length)')).toEqual([]);
  });

  test('no package to validate a station', async () => {
    const code = "if (station.validate(valuesOf(station, { name: 'orders' })).length > 0) throw new Error()";
    expect(await packagesAfter(code)).toEqual([]);
  });

  // The four schema types have one large package each, or two.
  test('the one codec that it needs to validate a schema', async () => {
    const given = "{ name: 'order', type: 'graphql', content: 'type Order { id: ID }' }";
    expect(await packagesAfter(`schema.validate(valuesOf(schema, ${given}))`)).toEqual(['graphql']);
  });
});
