import type { Configuration } from './configuration';
import { NativeExpression, referenceOf } from './hcl/native-expression';
import type { Block, Json } from './json';
import { isObject } from './json';

/** The name of our provider in a configuration; aliases follow after a dot. */
export const PROVIDER = 'memphis';

/** The blocks of our provider, by their keys: `memphis`, `memphis.staging`. */
export function providerBlocks(configuration: Configuration): ReadonlyMap<string, Block> {
  const blocks = configuration.blocks('provider', 1).filter(({ labels }) => labels[0] === PROVIDER);
  return new Map(
    blocks.map((block) => {
      const { alias } = block.body;
      return [typeof alias === 'string' ? `${PROVIDER}.${alias}` : PROVIDER, block] as const;
    }),
  );
}

/** The providers that a module configures itself. A block with nothing but an alias stands for one that is passed to it. */
export function ownProviderKeys(configuration: Configuration): ReadonlySet<string> {
  const own = [...providerBlocks(configuration)].filter(([, { body }]) =>
    Object.keys(body).some((name) => !['alias', 'version', '//'].includes(name)),
  );
  return new Set(own.map(([key]) => key));
}

/** The key of a reference to a provider. In JSON it is written plainly; a template of one means the same. */
export function providerReference(json: Json | undefined): string | undefined {
  if (json instanceof NativeExpression) return json.reference;
  return typeof json === 'string' ? json.replace(/^\$\{(.*)\}$/, '$1') : undefined;
}

/** The providers that a caller passes to a module: its key in the module, and that of the caller. */
export function passedProviders(json: Json | undefined): ReadonlyMap<string, string> {
  const passed = new Map<string, string>();
  const pass = (inner: string | undefined, outer: string | undefined): void => {
    if (inner !== undefined && outer !== undefined) passed.set(inner, outer);
  };
  if (json instanceof NativeExpression && json.expression?.is === 'object') {
    for (const [inner, outer] of json.expression.items) pass(referenceOf(inner), referenceOf(outer));
  } else if (isObject(json)) {
    for (const [inner, outer] of Object.entries(json)) pass(inner, providerReference(outer));
  }
  return passed;
}
