import { PROVIDER_TYPE } from '../model/provider-address';
import { Construct } from 'constructs';
import type { NamedKind } from '../model/names';
import { nameProblem } from '../model/names';
import { shownValue } from '../model/validation';
import { TerraformProvider, TerraformStack, isUnresolved, validateAtSynth } from './framework';
import type { ISchema, IStation } from './named-object';
import { namedInStack } from './named-object';

/** An object that another stack or team owns. It renders nothing; it stands in the tree only so that its name is checked. */
export class ForeignObject extends Construct implements IStation, ISchema {
  constructor(
    scope: Construct,
    id: string,
    /** @internal */
    readonly kind: NamedKind & ('Station' | 'Schema'),
    readonly name: string,
  ) {
    super(scope, id);
    validateAtSynth(this, () => (isUnresolved(name) ? [] : this.#problems()));
  }

  #problems(): string[] {
    const { kind } = this;
    const name: unknown = this.name;
    if (typeof name !== 'string') {
      const found = name === undefined ? 'missing' : shownValue(name);
      return [`name is ${found}; give the name of a ${kind.toLowerCase()}`];
    }
    const problem = nameProblem(kind, name);
    if (problem !== undefined) return [`name is ${JSON.stringify(name)}; ${problem}`];
    // With more than one broker in a stack the other one may have another station or schema of the same name.
    if (providersInStack(this) > 1) return [];
    const owner = namedInStack(this, `${PROVIDER_TYPE}_${kind.toLowerCase()}`, undefined, name);
    if (owner === undefined) return [];
    return [
      `fromName is for a ${kind.toLowerCase()} that another stack or team owns, but ${JSON.stringify(name)} is declared` +
        ` at "${owner.node.path}"; pass that construct instead`,
    ];
  }
}

function providersInStack(of: Construct): number {
  return TerraformStack.of(of)
    .node.findAll()
    .filter(
      (node) => TerraformProvider.isTerraformProvider(node) && node.terraformResourceType === PROVIDER_TYPE,
    ).length;
}
