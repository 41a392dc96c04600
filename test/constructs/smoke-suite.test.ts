import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aspects, TerraformIterator } from 'cdktf';
import type { TerraformStack } from 'cdktf';
import { MemphisProvider, Schema, SmokeSuite, SmokeTest, Station } from '../../src';
import { readSmokeTestSpec } from '../../src/model/smoke-test';
import { problemsIn, scratch, stackWith, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

interface Rendered {
  readonly triggers?: Readonly<Record<string, string>>;
  readonly triggers_replace?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[];
  readonly provisioner: readonly { readonly 'local-exec': { readonly environment?: object } }[];
}

const tests = (declare: (stack: TerraformStack) => void): Readonly<Record<string, Rendered>> =>
  (synthesised(declare).resource?.null_resource ?? {}) as unknown as Readonly<Record<string, Rendered>>;

/** The file of a test. */
const specOf = (declare: (stack: TerraformStack) => SmokeTest): unknown => {
  let made: SmokeTest | undefined;
  stackWith((stack) => (made = declare(stack)));
  return readSmokeTestSpec(JSON.parse(made?.specText ?? ''));
};

describe('SmokeSuite', () => {
  const declare = (stack: TerraformStack, suite = new SmokeSuite()): void => {
    new Schema(stack, 'order', { name: 'order', type: 'json', content: '{}' });
    new Station(stack, 'orders', { name: 'orders', schemaName: 'order' });
    new Station(stack, 'audit', { name: 'Audit.Log' });
    const own = new Station(stack, 'own', { name: 'own' });
    new SmokeTest(stack, 'smoke', { station: own });
    new Station(stack, 'several', {
      forEach: TerraformIterator.fromList(['a', 'b']),
      name: '${each.key}',
    });
    Aspects.of(stack).add(suite);
  };

  test('adds one test for every station that has none, after station and enforcement', () => {
    const found = tests((stack) => declare(stack));
    expect(Object.keys(found)).toEqual([
      'smoke',
      expect.stringMatching(/^smoke-suite_audit_/),
      expect.stringMatching(/^smoke-suite_orders_/),
    ]);
    const [, , orders] = Object.values(found);
    expect(orders?.depends_on).toEqual([
      'memphis_station.orders',
      expect.stringMatching(/^memphis_schema_enforcement\./),
    ]);
  });

  test('leaves out what it is told, by construct or by name, and gives its settings to all tests', () => {
    const found = tests((stack) => {
      const extra = new Station(stack, 'extra', { name: 'extra' });
      declare(stack, new SmokeSuite({ except: [extra, 'audit.log'], runVia: 'nullResource', seed: 3 }));
    });
    expect(Object.keys(found)).toEqual(['smoke', expect.stringMatching(/^smoke-suite_orders_/)]);
  });
});

describe('SmokeTest', () => {
  test('writes everything that a test says into its file', () => {
    const settings = {
      target: 'live',
      messages: 7,
      rate: 10,
      messageIds: true,
      consumerGroup: 'group',
      consumerGroups: 2,
      maxMsgDeliveries: 3,
      showPayloads: true,
      keys: ['a'],
      headers: { a: 'b' },
      invalidMessages: [{ message: 1, reason: 'x' }],
      expect: { p99Ms: 100, inOrder: true, deadLettered: true },
    } as const;
    const spec = specOf((stack) => {
      const station = new Station(stack, 's', { name: 's' });
      return new SmokeTest(stack, 'smoke', {
        station,
        generate: { seed: 4 },
        failDeploy: false,
        ...settings,
      });
    });
    expect(spec).toEqual({
      name: 'smoke',
      station: 's',
      generate: { seed: 4 },
      reportOnly: true,
      ...settings,
    });
    const load = { rate: 10, durationMs: 1_000 };
    const loaded = specOf((stack) => {
      const station = new Station(stack, 's', { name: 's' });
      return new SmokeTest(stack, 'smoke', { station, load });
    });
    expect(loaded).toEqual({ name: 'smoke', station: 's', load });
  });

  test.each([
    ['a.json', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['a.ndjson', '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['a.txt', 'text\n', ['text\n']],
  ])('reads payloads from %s', (name, text, samples) => {
    const sampleFile = join(scratch(), name);
    writeFileSync(sampleFile, text);
    const spec = specOf(
      (stack) =>
        new SmokeTest(stack, 'smoke', { station: new Station(stack, 's', { name: 's' }), sampleFile }),
    );
    expect(spec).toMatchObject({ samples });
  });

  test('reports wrong values with what is valid', () => {
    const problems = problemsIn((stack) => {
      const station = new Station(stack, 's', { name: 's' });
      const wrong = { target: 'dead', expect: { p99: 1 }, load: { rate: 0, durationMs: 1_000 }, runVia: 'x' };
      new SmokeTest(stack, 'smoke', { station, sampleFile: '/no/such/file', ...wrong } as never);
    });
    expect(problems).toEqual([
      '[test/smoke] runVia is "x"; it must be "nullResource" or "terraformData", or be left out',
      '[test/smoke] sampleFile is "/no/such/file", which does not exist',
      expect.stringMatching(/^\[test\/smoke\] expect\.p99 is not a setting; the settings are p50Ms, /),
      expect.stringMatching(/^\[test\/smoke\] load\.rate is 0; it must be a whole number from 1 to 1000000/),
      expect.stringMatching(/^\[test\/smoke\] target is "dead"; it must be/),
    ]);
  });

  test('has an address and triggers from which a reviewer sees that it runs', () => {
    const [[address, test] = []] = Object.entries(
      tests((stack) => new SmokeTest(stack, 'check', { station: new Station(stack, 's', { name: 's' }) })),
    );
    expect(address).toBe('smoke_test_check');
    for (const name of ['spec', 'runner', 'tested'])
      expect(test?.triggers?.[name]).toMatch(/^[0-9a-f]{64} \(will run the smoke test\)$/);
  });

  test('runs through the built-in resource of Terraform, without the null provider', () => {
    const { resource, provider } = synthesised((stack) => {
      const station = new Station(stack, 's', { name: 's' });
      new SmokeTest(stack, 'smoke', { station, runVia: 'terraformData' });
    });
    expect(Object.keys(provider)).toEqual(['memphis']);
    const { smoke } = (resource?.terraform_data ?? {}) as unknown as Record<string, Rendered>;
    expect(Object.keys(smoke?.triggers_replace ?? {})).toEqual(['runner', 'spec', 'station', 'tested']);
    expect(smoke?.provisioner).toHaveLength(1);
  });

  test('a provider with a prefix hands it to the test, and its secrets under the same names', () => {
    let spec: unknown;
    const { null_resource: found } =
      synthesised((stack) => {
        const provider = new MemphisProvider(stack, 'staging', {
          alias: 'staging',
          envPrefix: 'STAGING_',
          password: '${var.password}',
        });
        const station = new Station(stack, 's', { name: 's', provider });
        spec = JSON.parse(new SmokeTest(stack, 'smoke', { station }).specText);
      }).resource ?? {};
    expect(spec).toEqual({ name: 'smoke', station: 's', envPrefix: 'STAGING_' });
    expect((found?.smoke as unknown as Rendered).provisioner[0]?.['local-exec'].environment).toEqual({
      STAGING_MEMPHIS_PASSWORD: '${var.password}',
      STAGING_MEMPHIS_CONNECTION_TOKEN: '',
    });
  });

  test('a prefix that is none is a problem', () => {
    expect(
      problemsIn((stack) => new MemphisProvider(stack, 'x', { alias: 'x', envPrefix: 'staging' })),
    ).toEqual(['[test/x] envPrefix is "staging"; it must be capital letters, digits and _, and end with _']);
  });
});
