import { App, TerraformStack, TerraformVariable } from 'cdktf';
import { MemphisProvider, SmokeTest, Station } from '../../src';
import type { MemphisProviderProps } from '../../src';
import { resolveConnection } from '../../src/model/connection';
import { readSmokeTestSpec } from '../../src/model/smoke-test';
import { completeSmokeOptions, smokeConnectOptions } from '../../src/runtime/smoke/connect-options';
import { problemsIn, scratch, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

/** The environment of a deploy; its credentials are those of its own broker. */
const environments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  password: { MEMPHIS_HOST: 'env', MEMPHIS_USERNAME: 'env-user', MEMPHIS_PASSWORD: 'env-password' },
  token: { MEMPHIS_HOST: 'env', MEMPHIS_USERNAME: 'env-user', MEMPHIS_CONNECTION_TOKEN: 'env-token' },
};

const variable = (name: string): string => `\${var.${name}}`;

const providers: readonly [why: string, props: MemphisProviderProps][] = [
  ['everything from the environment', {}],
  ['a password in a variable', { host: 'other', username: 'me', password: variable('password') }],
  ['a token in a variable', { host: 'other', username: 'me', connectionToken: variable('token') }],
  ['the host in a variable', { host: variable('host'), username: 'me', password: variable('password') }],
  [
    'all of it in variables',
    { host: variable('host'), port: variable('port') as never, username: variable('user') },
  ],
  ['a literal password', { host: 'other', username: 'me', password: 'literal' }],
  ['an address alone', { host: 'other', port: 7777, accountId: '7' }],
  ['files in variables', { host: 'other', caFile: variable('ca'), certFile: variable('cert'), keyFile: 'k' }],
];

/** What Terraform fills in for a variable. */
const filledIn = (value: unknown): string =>
  String(value).replace(/^\$\{var\.(.*)\}$/, (_, name: string) =>
    name === 'port' ? '6543' : `value-of-${name}`,
  );

describe('a smoke test logs in exactly like the provider of its station', () => {
  const cases = Object.keys(environments).flatMap((name) =>
    providers.flatMap(([why, props]) =>
      (['of the station', 'of the test', 'without alias'] as const).map(
        (which) => [why, which, name, props] as const,
      ),
    ),
  );
  test.each(cases)('%s, %s (%s in the environment)', (_, which, name, props) => {
    const environment = environments[name] ?? {};
    const alias = which === 'without alias' ? {} : { alias: 'other' };
    let test: SmokeTest | undefined;
    const declare = (stack: TerraformStack): void => {
      if (which === 'without alias') stack.node.tryRemoveChild('memphis');
      const provider = new MemphisProvider(stack, 'other', { ...alias, ...props });
      const ofStation = which === 'of the station' ? { provider } : {};
      const ofTest = which === 'of the test' ? { provider } : {};
      const station = new Station(stack, 'orders', { name: 'orders', ...ofStation });
      test = new SmokeTest(stack, 'smoke', { station, ...ofTest });
    };
    const { resource } = synthesised(declare);
    const [provisioner] = resource?.null_resource?.smoke?.provisioner as [
      { 'local-exec': { command: string; environment?: Record<string, unknown> } },
    ];
    const given = Object.entries(provisioner['local-exec'].environment ?? {});
    const variables = Object.fromEntries(given.map(([key, value]) => [key, filledIn(value)]));
    const settings = Object.fromEntries(Object.entries(props).map(([key, value]) => [key, filledIn(value)]));

    const ofProvider = resolveConnection(settings, environment);
    const spec = readSmokeTestSpec(JSON.parse(test?.specText ?? ''));
    const { host, port, username, accountId, password, connectionToken, tls } = ofProvider;
    expect(smokeConnectOptions(spec, { ...environment, ...variables })).toMatchObject({
      ...{ host, port, username, accountId, ...tls },
      ...(password === undefined ? {} : { password }),
      ...(connectionToken === undefined ? {} : { connectionToken }),
    });
    const secrets = JSON.stringify([
      spec,
      provisioner['local-exec'].command,
      resource?.null_resource?.smoke?.triggers,
    ]);
    expect(secrets).not.toMatch(/var\.password|var\.token|literal/);
  });
});

test('a provider of another stack whose values this one cannot know is refused', () => {
  const app = new App({ outdir: scratch() });
  const [platform, shop] = [new TerraformStack(app, 'platform'), new TerraformStack(app, 'shop')];
  const password = new TerraformVariable(platform, 'password', { type: 'string', sensitive: true })
    .stringValue;
  const east = new MemphisProvider(platform, 'east', { host: 'east', password });
  const station = new Station(platform, 'orders', { name: 'orders', provider: east });
  const own = new MemphisProvider(shop, 'memphis', { host: 'east' });
  new SmokeTest(shop, 'refused', { station });
  new SmokeTest(shop, 'right', { station, provider: own });
  expect(() => app.synth()).toThrow(
    '[shop/refused] station is on the broker of "platform/east" in another stack, whose password this stack cannot know; give a MemphisProvider of this stack as provider',
  );
  expect(() => app.synth()).not.toThrow('[shop/right]');
});

test('no credential is handed over that the provider is not given', () => {
  expect(
    problemsIn((stack) => new SmokeTest(stack, 'smoke', { station: new Station(stack, 's', { name: 's' }) })),
  ).toEqual([]);
  const { resource } = synthesised(
    (stack) => new SmokeTest(stack, 'smoke', { station: new Station(stack, 's', { name: 's' }) }),
  );
  expect(JSON.stringify(resource?.null_resource)).not.toContain('environment');
});

test('an error about a file of the environment names its variable', () => {
  const spec = { name: 't', station: 'orders', connection: { host: 'east', port: 6666 } } as const;
  const environment = { MEMPHIS_USERNAME: 'u', MEMPHIS_PASSWORD: 'p', MEMPHIS_CA_FILE: 'missing.pem' };
  expect(completeSmokeOptions(spec as never, environment).called).toMatchObject({
    caFile: 'MEMPHIS_CA_FILE',
    host: 'host',
  });
});
