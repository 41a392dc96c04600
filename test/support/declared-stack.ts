import type {
  DeclaredKind,
  DeclaredObject,
  DeclaredStack,
} from '../../src/runtime/synthesised/declared-stack';

/** A declared object; its owner is what a construct of this path renders. */
export function declared(
  kind: DeclaredKind,
  values: Readonly<Record<string, unknown>>,
  more: Partial<Pick<DeclaredObject, 'unresolved' | 'provider' | 'sensitive'>> = {},
): DeclaredObject {
  const { name, stationName = 'unnamed' } = values;
  const called = (name ?? stationName) as string;
  const constructPath = `shop/${kind}-${called}`;
  const address = `memphis_${kind}.${called}`;
  return {
    kind,
    site: { stack: 'shop', constructPath, address, file: 'main.ts', line: 7 },
    provider: 'memphis',
    values: { owner: constructPath, ...values },
    unresolved: [],
    ...more,
  };
}

/** A stack that declares them, on the broker of the environment. */
export function stackOf(
  objects: readonly DeclaredObject[],
  more: Partial<DeclaredStack> = {},
): DeclaredStack {
  return { name: 'shop', folder: '/project/stacks/shop', objects, providers: [], problems: [], ...more };
}
