import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { Testing } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, SmokeTest, Station } from '../../src';
import { readSmokeTestSpec } from '../../src/model/smoke-test';
import { fixtureManifest, packageRoot, writeFixture } from './support/fixture-package';
import { expectGolden } from './support/golden';
import { scratch, stackWith, synthesiseApp } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

function declare(stack: TerraformStack): void {
  const orders = new Station(stack, 'orders', { name: 'orders' });
  orders.enforce(new Schema(stack, 'order', { name: 'order', type: 'json', content: '{"required":["id"]}' }));
  new SmokeTest(stack, 'smoke', { station: orders, sample: { id: 1 }, invalidSample: {} });
}

/** Every file below a folder with its content and mode. */
function filesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [
        relative(folder, path),
        `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'latin1')}`,
      ]),
  );
}

const mirror = `terraform.d/plugins/${fixtureManifest.address}`;

describe('files next to a stack', () => {
  test('are those that Terraform and the smoke test need, none of them executable', () => {
    const directory = synthesiseApp(stackWith(declare));
    const files = filesBelow(directory);
    expect(Object.keys(files).sort()).toEqual([
      '.terraform.lock.hcl',
      'cdk.tf.json',
      'cdktf-memphis/smoke-smoke.json',
      'cdktf-memphis/smoke.cjs',
      `${mirror}/terraform-provider-memphis_1.2.3_darwin_arm64.zip`,
      `${mirror}/terraform-provider-memphis_1.2.3_linux_amd64.zip`,
    ]);
    expect(Object.values(files).map((content) => content.slice(0, 3))).toEqual(Array(6).fill('644'));
    expectGolden('lock.hcl', readFileSync(join(directory, '.terraform.lock.hcl'), 'utf8'));
    expectGolden('smoke.json', readFileSync(join(directory, 'cdktf-memphis/smoke-smoke.json'), 'utf8'));
  });

  test('are the same bytes in every folder, and after a second synth into the same one', () => {
    const [one, two] = [scratch(), scratch()];
    synthesiseApp(stackWith(declare, one));
    synthesiseApp(stackWith(declare, two));
    const first = filesBelow(one);
    expect(filesBelow(two)).toEqual(first);
    synthesiseApp(stackWith(declare, one));
    expect(filesBelow(one)).toEqual(first);
  });

  test('hold no path of this machine', () => {
    const outdir = scratch();
    synthesiseApp(stackWith(declare, outdir));
    const text = JSON.stringify(filesBelow(outdir));
    for (const path of [outdir, process.cwd(), packageRoot]) expect(text).not.toContain(path);
  });

  test('of other versions are removed, those of Terraform and of other providers are kept', () => {
    const outdir = scratch();
    const directory = synthesiseApp(stackWith(declare, outdir));
    const kept = ['.terraform/x', 'terraform.d/plugins/npm.invalid/other/thing/a.zip', 'my-file'];
    const gone = [
      `${mirror}/terraform-provider-memphis_1.0.0_linux_amd64.zip`,
      `${mirror}/1.0.0/linux_amd64/terraform-provider-memphis`,
      'cdktf-memphis/smoke-old.json',
    ];
    for (const path of [...kept, ...gone]) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), 'x');
    }
    synthesiseApp(stackWith(declare, outdir));
    expect(kept.filter((path) => !existsSync(join(directory, path)))).toEqual([]);
    expect(gone.filter((path) => existsSync(join(directory, path)))).toEqual([]);
  });

  test('of the last smoke test go with it', () => {
    const outdir = scratch();
    const directory = synthesiseApp(stackWith(declare, outdir));
    synthesiseApp(stackWith((stack) => new Station(stack, 'orders', { name: 'orders' }), outdir));
    expect(existsSync(join(directory, 'cdktf-memphis'))).toBe(false);
  });

  test('are written by Testing.fullSynth as well, and work from a copy', () => {
    const outdir = Testing.fullSynth(stackWith(declare));
    const copy = join(scratch(), 'copy');
    cpSync(outdir, copy, { recursive: true });
    rmSync(outdir, { recursive: true });
    expect(readdirSync(join(copy, 'stacks/test')).sort()).toEqual([
      '.terraform.lock.hcl',
      'cdk.tf.json',
      'cdktf-memphis',
      'terraform.d',
    ]);
  });

  test('are not written when the stack has problems', () => {
    const outdir = scratch();
    expect(() =>
      synthesiseApp(stackWith((stack) => new Station(stack, 'bad', { name: '' }), outdir)),
    ).toThrow('[test/bad] name is ""');
    expect(existsSync(join(outdir, 'stacks/test'))).toBe(false);
  });
});

describe('the file of a smoke test', () => {
  function spec(build: (stack: TerraformStack) => SmokeTest): unknown {
    let made: SmokeTest | undefined;
    stackWith((stack) => (made = build(stack)));
    return readSmokeTestSpec(JSON.parse(made?.specText ?? ''));
  }

  test('has the settings of the provider that are known and no secret', () => {
    const found = spec((stack) => {
      const east = new MemphisProvider(stack, 'east', {
        alias: 'east',
        host: 'broker.example',
        port: 6667,
        accountId: '${var.account}',
        username: 'me',
        password: 'hidden',
        connectionToken: 'hidden',
        restPassword: 'hidden',
        caFile: 'ca.pem',
      });
      const station = new Station(stack, 's', { name: 's', provider: east, schemaName: 'elsewhere' });
      return new SmokeTest(stack, 'Smoke', { station, sample: 'x', messages: 1, timeoutMs: 5000 });
    });
    expect(found).toEqual({
      name: 'smoke',
      station: 's',
      schema: 'elsewhere',
      messages: 1,
      timeoutMs: 5000,
      sample: 'x',
      connection: { host: 'broker.example', port: 6667, username: 'me', caFile: 'ca.pem' },
    });
  });

  test('of a station that somebody else owns names it and nothing else', () => {
    const found = spec((stack) => {
      const station = Station.fromName(stack, 'theirs', 'theirs');
      return new SmokeTest(stack, '_x', { station });
    });
    expect(found).toEqual({ name: 'x', station: 'theirs' });
  });

  test('has a legal name, however deep and long the path', () => {
    const found = spec((stack) => {
      const station = new Station(stack, 's', { name: 's' });
      return new SmokeTest(stack, 'x'.repeat(200), { station });
    });
    expect(found).toMatchObject({ name: expect.stringMatching(/^x{91}-[0-9a-f]{8}$/) as string });
  });
});

describe('triggers of a smoke test', () => {
  function triggers(
    station: { readonly partitionsNumber?: number; readonly allowMessageLoss?: boolean },
    content = '{}',
    rerunOn?: string,
  ) {
    const stack = stackWith((it) => {
      const orders = new Station(it, 'orders', { name: 'orders', schemaName: 'order', ...station });
      new Schema(it, 'order', { name: 'order', type: 'json', content });
      new SmokeTest(it, 'smoke', { station: orders, sample: { id: 1 }, rerunOn });
    });
    const { resource } = JSON.parse(Testing.synth(stack)) as {
      resource: { null_resource: { smoke: { triggers: Record<string, string> } } };
    };
    return resource.null_resource.smoke.triggers;
  }
  const before = triggers({});
  const changedKeys = (after: Record<string, string>): string[] =>
    Object.keys({ ...before, ...after }).filter((key) => before[key] !== after[key]);

  test.each([
    ['nothing changed', triggers({}), []],
    ['a setting of the station', triggers({ partitionsNumber: 2 }), ['tested']],
    ['a default that is now written out', triggers({ partitionsNumber: 1 }), []],
    ['a setting that changes nothing on the broker', triggers({ allowMessageLoss: true }), []],
    ['the text of the schema', triggers({}, '{"type":"object"}'), ['tested']],
    ['a wish to run again', triggers({}, '{}', 'today'), ['rerun_on']],
  ])('%s', (_because, after, keys) => {
    expect(changedKeys(after)).toEqual(keys);
  });

  test('values that are known only when deployed are hashed by Terraform', () => {
    const stack = stackWith((it) => {
      const orders = new Station(it, 'orders', { name: 'orders', replicas: '${var.copies}' as never });
      new SmokeTest(it, 'smoke', { station: orders });
    });
    expect(Testing.synth(stack)).toMatch(/"tested": "\$\{sha256\(jsonencode\(\{.*replicas.*var\.copies/);
  });
});

describe('a package that is not built', () => {
  afterEach(writeFixture);
  const synth = () => synthesiseApp(stackWith((stack) => new Station(stack, 's', { name: 's' })));

  test('says to build it', () => {
    rmSync(join(packageRoot, 'lib'), { recursive: true });
    expect(synth).toThrow(/lib\/bundles\/memphis\.json is not in the package.*npm run build/s);
  });

  test('without the runner of smoke tests says so, in a stack that has one', () => {
    rmSync(join(packageRoot, 'lib/bundles/smoke.cjs'));
    expect(synth).not.toThrow();
    expect(() => synthesiseApp(stackWith(declare))).toThrow(
      /smoke\.cjs is not in the package.*npm run build/s,
    );
  });

  test('from another version says so', () => {
    writeFileSync(join(packageRoot, 'package.json'), '{ "version": "1.2.4" }');
    expect(synth).toThrow(
      /holds npm\.invalid\/cdktf-memphis\/memphis 1\.2\.3, but this package is .* 1\.2\.4/,
    );
  });

  test('with a manifest that is cut off says so', () => {
    writeFileSync(join(packageRoot, 'lib/bundles/memphis.json'), '{"address"');
    expect(synth).toThrow(/memphis\.json is not what the build writes/);
  });
});
