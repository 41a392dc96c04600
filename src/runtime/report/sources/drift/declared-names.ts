import { kindNames } from '../../../../model/kinds';
import type { DeclaredKind, DeclaredObject } from '../../../synthesised/declared-stack';
import { declaredName, driftKinds } from './kinds';

/** What the stacks declare on one broker, by kind and name. */
export class DeclaredNames {
  readonly #objects = new Map<string, DeclaredObject[]>();
  /** The kinds of which the stacks declare objects that only Terraform knows, or whose names it does. */
  readonly #incomplete = new Set<DeclaredKind>();

  /** @param isPartial true when the stacks declare more, which nobody knows */
  constructor(objects: readonly DeclaredObject[], isPartial: boolean) {
    if (isPartial) for (const kind of kindNames) this.#incomplete.add(kind);
    for (const object of objects) {
      const name = declaredName(object);
      if (name === undefined) {
        this.#incomplete.add(object.kind);
        continue;
      }
      const key = keyOf(object.kind, name);
      const same = this.#objects.get(key);
      if (same === undefined) this.#objects.set(key, [object]);
      else same.push(object);
    }
  }

  has(kind: DeclaredKind, name: string): boolean {
    return this.#objects.has(keyOf(kind, name));
  }

  /** Everything that is declared under the name of an object, the object included. */
  namesakes(kind: DeclaredKind, name: string): readonly DeclaredObject[] {
    return this.#objects.get(keyOf(kind, name)) ?? [];
  }

  /** False while a name that is not declared may still be that of an object whose name only Terraform knows. */
  areAllKnown(kind: DeclaredKind): boolean {
    return !this.#incomplete.has(kind);
  }

  /** The fields of an object that name others which the stacks declare, too: a deploy creates these first. */
  createdFirst({ kind, values, unresolved }: DeclaredObject): string[] {
    const { refersTo } = driftKinds[kind];
    return Object.entries(refersTo).flatMap(([field, target]) => {
      const name = values[field];
      // One that only Terraform knows is most likely a reference, and is not there to be missed.
      if (unresolved.includes(field)) return [field];
      return typeof name === 'string' && this.has(target, driftKinds[target].kind.nameOf(named(target, name)))
        ? [field]
        : [];
    });
  }
}

function keyOf(kind: DeclaredKind, name: string): string {
  return `${kind} ${name}`;
}

function named(kind: DeclaredKind, name: string): object {
  return { [driftKinds[kind].nameField]: name };
}
