import { PROVIDER_TYPE } from '../model/provider-address';
import type { IConstruct } from 'constructs';
import { externalName } from '../model/names';
import { unknownNameProblems } from '../model/unknown-names';
import { shownValue } from '../model/validation';
import { literalText } from './attributes';
import type { TerraformResource } from './framework';
import { isUnresolved } from './framework';
import { instanceReference, isSameRepeated } from './instances';
import { ownerOf } from './owner';
import { MemphisResource, brokerOf, isMemphisResource } from './memphis-resource';
import { allNamed, resourcesNamed } from './names-in-stack';

/** A station that can be named: one that a stack declares, or one that is managed elsewhere (`Station.fromName`). */
export interface IStation extends IConstruct {
  /** Name of the station; a reference to it when a stack declares it, so that it is created first. */
  readonly name: string;
  /** A reference to the broker's id of the station. Absent when it is managed elsewhere. */
  readonly uid?: string;
}

/** A schema that can be named: one that a stack declares, or one that is managed elsewhere (`Schema.fromName`). */
export interface ISchema extends IConstruct {
  /** Name of the schema; a reference to it when a stack declares it, so that it is created first. */
  readonly name: string;
  /** A reference to the broker's id of the schema. Absent when it is managed elsewhere. */
  readonly uid?: string;
}

/** What is needed to refer to an object: a construct, or a plain name. */
export type NamedReference = Pick<IStation, 'name' | 'uid'>;

/** An object with a name that a stack owns. */
export abstract class NamedObject<
  D extends { readonly name: string; readonly owner?: string },
  P extends { readonly name: string } = { readonly name: string },
> extends MemphisResource<D, P> {
  /** A reference to the name. Using it makes Terraform create this object first. */
  get name(): string {
    return this.referenceTo('name');
  }
  set name(value: string) {
    this.change('name', value);
  }

  /** A reference to the id that the broker gives to the object; it changes when the object is replaced. */
  get uid(): string {
    return this.referenceTo('uid');
  }

  /** @internal */
  protected override renderedValues(): Partial<D> {
    return { ...this.declaration, owner: literalText(ownerOf(this)) };
  }

  /** @internal */
  protected override problemsInStack(): string[] {
    const name: unknown = this.declaration.name;
    if (typeof name !== 'string') return [];
    const first = namedInStack(this, this.terraformResourceType, brokerOf(this), name);
    // One expression gives other names with another forEach.
    const isOther = first !== undefined && isUnresolved(name) && !isSameRepeated(first, this);
    return first === undefined || first === this || isOther
      ? []
      : [
          `name is ${JSON.stringify(name)}, which "${first.node.path}" declares already` +
            ` (upper and lower case are the same); rename or remove one of them`,
        ];
  }
}

/** What is needed of a named object to find it. */
export type Named = TerraformResource & {
  readonly name: string;
  readonly declaration: { readonly name: string };
};

/** The first object of a type that a construct's stack declares under a name on a broker. */
export function namedInStack(
  of: IConstruct,
  terraformResourceType: string,
  broker: string | undefined,
  name: string,
): Named | undefined {
  const declaredName = (candidate: Named): unknown => candidate.declaration.name;
  const candidates = isUnresolved(name)
    ? allNamed(of, terraformResourceType, declaredName).filter(
        (candidate) => candidate.name === name || candidate.declaration.name === name,
      )
    : resourcesNamed(of, terraformResourceType, name, declaredName);
  return candidates.find((candidate) => broker === undefined || brokerOf(candidate) === broker);
}

/** A reference to the object, or to that one of several which belongs to the instance of the user. */
export function referenceTo<A extends 'name' | 'uid'>(
  object: NamedReference,
  attribute: A,
): NamedReference[A] {
  const ofInstance = isMemphisResource(object) ? instanceReference(object, attribute) : undefined;
  return ofInstance ?? object[attribute];
}

/** Whether two names mean the same object; a name that is known only when deployed equals itself alone. */
export function sameName(one: string, other: string): boolean {
  if (typeof one !== 'string' || typeof other !== 'string' || isUnresolved(one) || isUnresolved(other)) {
    return one === other;
  }
  return externalName(one) === externalName(other);
}

/** The name to compare and to show: the declared one of an object that a stack owns, else the name itself. */
export function plainName(object: NamedReference | string): string {
  if (typeof object === 'string') return object;
  // A station of a set: its name is a reference to the set.
  if ('declaredName' in object && typeof object.declaredName === 'string') return object.declaredName;
  return isMemphisResource(object) ? (object as unknown as Named).declaration.name : object.name;
}

/** The same for a prop that may be left out. */
export function optionalReferenceProblems(
  prop: string,
  value: unknown,
  kind: 'station' | 'schema',
): string[] {
  const problems = value === undefined ? [] : referenceProblems(prop, value, kind);
  return value === null ? problems.map((problem) => `${problem}, or leave it out`) : problems;
}

/** What is wrong with a prop that must name another object, by a construct or, unless advised otherwise, by its name. */
export function referenceProblems(
  prop: string,
  value: unknown,
  kind: 'station' | 'schema',
  advice = `give a ${kind}, or the name of one`,
): string[] {
  if (value === undefined) return [`${prop} is missing; ${advice}`];
  if (typeof value === 'string') return [];
  if (isMemphisResource(value)) {
    const isOfKind = value.terraformResourceType === `${PROVIDER_TYPE}_${kind}`;
    return isOfKind ? [] : [`${prop} is the ${value.terraformResourceType} "${value.node.path}"; ${advice}`];
  }
  if (typeof value !== 'object' || value === null) return [`${prop} is ${shownValue(value)}; ${advice}`];
  const { name, kind: foreignKind } = value as { readonly name?: unknown; readonly kind?: unknown };
  if (typeof foreignKind === 'string' && foreignKind.toLowerCase() !== kind) {
    return [`${prop} is a ${foreignKind.toLowerCase()}, ${JSON.stringify(name)}; ${advice}`];
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  const unknown = isPlain ? unknownNameProblems(value, ['name', 'uid'], `a property of a ${kind}`, prop) : [];
  return typeof name === 'string' ? unknown : [...unknown, `${prop} has no name; ${advice}`];
}
