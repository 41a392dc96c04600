import { PROVIDER_TYPE } from '../model/provider-address';
import { environmentVariables } from '../model/environment';
import type { TerraformStack } from './framework';
import { TerraformProvider, isUnresolved } from './framework';
import type { MemphisProvider } from './provider';

/** By stack, once it is found: a stack has one at most, and a thousand tests ask for it. */
const providersWithoutAlias = new WeakMap<TerraformStack, MemphisProvider>();

/** The provider of a stack that resources use which name none. */
export function providerWithoutAlias(stack: TerraformStack): MemphisProvider | undefined {
  const found =
    providersWithoutAlias.get(stack) ??
    stack.node
      .findAll()
      .find(
        (node): node is MemphisProvider =>
          TerraformProvider.isTerraformProvider(node) &&
          node.terraformResourceType === PROVIDER_TYPE &&
          node.alias === undefined,
      );
  if (found !== undefined) providersWithoutAlias.set(stack, found);
  return found;
}

/** The settings that the client and the REST API of the broker use. */
export const settingsOfClient = [
  ...(['host', 'port', 'accountId', 'username', 'password', 'connectionToken'] as const),
  ...(['restUrl', 'restUsername', 'restPassword', 'caFile', 'certFile', 'keyFile'] as const),
];
/** The name of one of them. */
export type SettingOfClient = (typeof settingsOfClient)[number];

/** Whether a setting may be written into a file, and can be. */
export function isPlainSetting([name, value]: readonly [SettingOfClient, unknown]): boolean {
  return !environmentVariables[name].secret && !isUnresolved(value);
}
