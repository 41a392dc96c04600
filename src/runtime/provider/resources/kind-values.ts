import { externalName } from '../../../model/names';
import type { Kind, Run } from '../../reconcile';
import type { Values } from '../cty/value';
import { numberAt, stringAt } from '../cty/value';
import { declarationOfValues } from './attributes';
import type { KindResource } from './particulars';

/** What the attribute values of a resource mean to its kind. */
export class KindValues<D, C extends object, L> {
  readonly kind: Kind<D, C, L>;
  readonly particular: KindResource<D, C, L>;
  /** True when objects of the kind hold messages. */
  readonly hasMessages: boolean;

  constructor(kind: Kind<D, C, L>, particular: KindResource<D, C, L>) {
    this.kind = kind;
    this.particular = particular;
    this.hasMessages = 'allowMessageLoss' in kind.fields;
  }

  declared(values: Values): D {
    return declarationOfValues<D>(this.kind.fields as never, values) as D;
  }

  canonical(values: Values): C {
    return this.kind.canonical(this.declared(values));
  }

  /** The name of the object, in the form of the broker. */
  nameOf(values: Values): string {
    return this.kind.nameOf(this.declared(values));
  }

  /** The attribute that names the object; undefined while it is not known. */
  nameIn(values: Values): string | undefined {
    return stringAt(values, this.particular.nameAttribute);
  }

  /** The key of an object among those of all kinds. */
  keyOf(name: string): string {
    return `${this.kind.name} ${externalName(name)}`;
  }

  /** Looks for the object that a state describes; another one of its name does not count. */
  findStored(run: Run, state: Values): Promise<L | undefined> {
    return this.kind.find(
      run,
      { name: this.nameIn(state) ?? '', uid: stringAt(state, 'uid') },
      { declaration: this.declared(state), version: numberAt(state, 'version') },
    );
  }

  /** True when an object on the broker is the one that a state describes. */
  isStoredAs(live: L, state: Values | undefined): boolean {
    if (state === undefined) return false;
    const uid = stringAt(state, 'uid');
    return uid === undefined || uid === this.kind.uidOf(live);
  }
}
