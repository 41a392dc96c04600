import { PROVIDER_TYPE } from '../model/provider-address';
import type { ConnectionSetting } from '../model/environment';
import { withoutScheme } from '../model/connection';
import { externalName } from '../model/names';
import type { TerraformProvider, TerraformResource } from './framework';
import { TerraformStack, isUnresolved } from './framework';
import { brokerOf, isMemphisResource } from './memphis-resource';

/** A provider with what says which broker it means. */
export type BrokerProvider = TerraformProvider & {
  readonly settings: Readonly<Partial<Record<ConnectionSetting, string | number>>>;
  readonly envPrefix: string | undefined;
};

/** A resource with the name of what it stands for on the broker. */
type Named = TerraformResource & {
  readonly declaration?: { readonly name?: unknown };
  readonly plainStationName?: unknown;
};

/**
 * Finds what a stack declares twice on one broker, through a provider and through an earlier one that names the same
 * broker: to Terraform they are two, and one of the objects could not be made.
 */
export function declaredThroughBoth(provider: BrokerProvider): string[] {
  const nodes = TerraformStack.of(provider).node.findAll();
  const providers = nodes.filter((node): node is BrokerProvider => isBrokerProvider(node));
  const earlier = providers
    .slice(0, providers.indexOf(provider))
    .filter((other) => isSameBroker(other, provider));
  if (earlier.length === 0) return [];
  const resources = nodes.filter((node): node is Named => isMemphisResource(node));
  const own = new Map(
    resources.filter((one) => brokerOf(one) === provider.fqn).map((one) => [keyOf(one), one]),
  );
  return earlier.flatMap((other) => {
    return resources.flatMap((one) => {
      const key = keyOf(one);
      const second = key === undefined || brokerOf(one) !== other.fqn ? undefined : own.get(key);
      return second === undefined
        ? []
        : [
            `it names the same broker as ${JSON.stringify(other.node.path)}, and "${second.node.path}" declares there what "${one.node.path}" declares already; remove one of the two, or name another broker`,
          ];
    });
  });
}

function isBrokerProvider(node: unknown): node is BrokerProvider {
  return (
    typeof node === 'object' &&
    node !== null &&
    'settings' in node &&
    (node as Partial<TerraformProvider>).terraformResourceType === PROVIDER_TYPE
  );
}

/** Only what both say counts: an environment may point two hosts of different names at one broker. */
function isSameBroker(one: BrokerProvider, other: BrokerProvider): boolean {
  return addressOf(one) === addressOf(other);
}

/** Host, port and account as written; with the prefix of the environment, where they come from there. */
function addressOf({ settings, envPrefix }: BrokerProvider): string {
  const fromEnvironment = (name: string): string => `${envPrefix ?? ''}${name}`;
  const { host, port, accountId } = settings;
  const shownHost = typeof host === 'string' && !isUnresolved(host) ? plainHost(host) : host;
  return JSON.stringify([
    shownHost ?? fromEnvironment('host'),
    port ?? fromEnvironment('port'),
    accountId ?? fromEnvironment('accountId'),
  ]);
}

/** One spelling for the hosts that are the same everywhere. */
function plainHost(host: string): string {
  const plain = withoutScheme(host.toLowerCase()).replace(/\.?\/*$/, '');
  return LOOPBACK.test(plain) ? 'localhost' : plain;
}

/** This machine, by its names and addresses. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|0\.0\.0\.0)$/;

/** The same for two resources exactly when they stand for one object; undefined while its name is not known. */
function keyOf(resource: Named): string | undefined {
  const name = resource.plainStationName ?? resource.declaration?.name;
  if (typeof name !== 'string' || isUnresolved(name)) return undefined;
  return `${resource.terraformResourceType} ${externalName(name)}`;
}
