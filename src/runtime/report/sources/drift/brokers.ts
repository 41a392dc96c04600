import type { Connection } from '../../../../model/connection';
import { resolveConnection } from '../../../../model/connection';
import type { ConnectionSetting } from '../../../../model/environment';
import { environmentVariables } from '../../../../model/environment';
import type { DeclaredObject, DeclaredProvider, DeclaredStack } from '../../../synthesised/declared-stack';
import type { Finding } from '../../report';

/** One broker, with all that the stacks declare on it. */
export interface DeclaredBroker {
  readonly connection: Connection;
  readonly objects: readonly DeclaredObject[];
  /** True when the stacks declare more on it than `objects`, which only Terraform can know. */
  readonly isPartial: boolean;
}

/** What of a provider says how to reach its broker. */
export type ProviderConnection = Pick<DeclaredProvider, 'settings' | 'envPrefix'>;

/** The settings that say which broker is meant; the others only say how to log in. */
const addressSettings: readonly ConnectionSetting[] = ['host', 'port', 'restUrl', 'accountId'];

/**
 * The brokers of the stacks, each once, however many providers name it.
 * @param isComplete also those on which the stacks declare nothing
 * @throws ValidationError for settings that are missing or wrong.
 */
export function brokersOf(
  stacks: readonly DeclaredStack[],
  environment: Readonly<Record<string, string | undefined>>,
  isComplete: boolean,
): { readonly brokers: readonly DeclaredBroker[]; readonly findings: readonly Finding[] } {
  const brokers = new Map<string, { connection: Connection; objects: DeclaredObject[] }>();
  // A module that is not read may declare something on any of them.
  const isPartial = stacks.some((stack) => stack.isPartial === true);
  const findings: Finding[] = [];
  const brokerOf = (provider: ProviderConnection | undefined): DeclaredObject[] => {
    const connection = resolveConnection(provider?.settings, environment, provider?.envPrefix);
    const { called: _, ...identity } = connection;
    const key = JSON.stringify(identity);
    const broker = brokers.get(key) ?? { connection, objects: [] };
    brokers.set(key, broker);
    return broker.objects;
  };
  for (const stack of stacks) {
    const byProvider = new Map<string, DeclaredObject[]>();
    for (const provider of isComplete ? stack.providers : []) byProvider.set(provider.key, []);
    for (const object of stack.objects) {
      const objects = byProvider.get(object.provider) ?? [];
      byProvider.set(object.provider, objects);
      objects.push(object);
    }
    for (const [key, objects] of byProvider) {
      // A configuration without a block for its provider has everything in the environment.
      const provider = stack.providers.find((each) => each.key === key);
      const all = brokerOf(provider);
      for (const object of objects) all.push(withDefaults(object, provider));
      if (provider !== undefined) findings.push(...takenFromEnvironment(stack, provider));
    }
  }
  const inOrder = [...brokers.values()].sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
  return { brokers: inOrder.map((broker) => ({ ...broker, isPartial })), findings };
}

/** The object with what its provider says for all stations. */
function withDefaults(object: DeclaredObject, provider: DeclaredProvider | undefined): DeclaredObject {
  const defaults = provider?.stationDefaults;
  if (defaults === undefined || object.kind !== 'station') return object;
  const { values, unresolved, sensitive = [] } = object;
  const isOpen = (field: string): boolean => !(field in values) && !unresolved.includes(field);
  const given = Object.entries(defaults.values).filter(([field]) => isOpen(field));
  return {
    ...object,
    values: { ...values, ...Object.fromEntries(given) },
    unresolved: [...unresolved, ...defaults.unresolved.filter(isOpen)],
    sensitive: [...sensitive, ...(defaults.sensitive ?? []).filter(isOpen)],
  };
}

function addressOf({ connection }: Pick<DeclaredBroker, 'connection'>): string {
  return `${connection.host}:${connection.port}`;
}

/** Says which address was compared with, where the configuration leaves that to Terraform. */
function takenFromEnvironment(
  stack: DeclaredStack,
  { key, unresolved, envPrefix = '' }: DeclaredProvider,
): Finding[] {
  const addresses = addressSettings.filter((setting) => unresolved.includes(setting));
  if (addresses.length === 0) return [];
  const variables = addresses.map((setting) => envPrefix + environmentVariables[setting].name).join(', ');
  return [
    {
      severity: 'warning',
      code: 'UNRESOLVED_BROKER',
      message: `Only Terraform can know ${addresses.join(', ')} of the provider ${key} in stack "${stack.name}". The broker of the environment was compared (${variables}). Check that both are the same.`,
    },
  ];
}
