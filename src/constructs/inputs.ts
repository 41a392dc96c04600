/** The names of the props that may be left out. */
type OptionalName<P> = { [K in keyof P]-?: object extends Pick<P, K> ? K : never }[keyof P] & string;

/**
 * What the framework's own resources have for each prop beside the property itself: `tagsInput` is the value as given, and
 * `resetTags()` leaves it out again.
 */
export type Inputs<P> = {
  readonly [K in keyof P & string as `${K}Input`]-?: P[K] | undefined;
} & {
  [K in OptionalName<P> as `reset${Capitalize<K>}`]-?: () => void;
};

/** The props themselves as properties that can be set, for constructs without references to their values. */
export type Settable<P> = { -readonly [K in keyof P]: P[K] } & Inputs<P>;

/** A construct whose props can be changed until synth. */
interface Changeable {
  given(name: string): unknown;
  change(name: string, value: unknown): void;
}

/** Adds the inputs of these props to a class, which declares them with the type above. */
export function addInputs(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(prototype, `${name}Input`, {
      get(this: Changeable) {
        return this.given(name);
      },
    });
    Object.defineProperty(prototype, `reset${name.charAt(0).toUpperCase()}${name.slice(1)}`, {
      value(this: Changeable) {
        this.change(name, undefined);
      },
    });
  }
}

/** Adds these props as properties that can be set, and their inputs. */
export function addSettable(prototype: object, names: readonly string[]): void {
  addInputs(prototype, names);
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      get(this: Changeable) {
        return this.given(name);
      },
      set(this: Changeable, value: unknown) {
        this.change(name, value);
      },
    });
  }
}
