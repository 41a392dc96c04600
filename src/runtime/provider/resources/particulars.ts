import type { Change } from '../../reconcile';
import type { Value, Values } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Diagnostic } from '../framework/diagnostics';
import type { Eventually, PlanRequest, Private } from '../framework/resource';
import type { Session } from './session';

/** What is particular to the Terraform resource of a kind; everything else follows from the kind. */
export interface KindResource<D, C extends object, L> {
  readonly typeName: string;
  readonly description: string;
  /** Those of the table and those that only the broker can tell. */
  readonly attributes: readonly Attribute[];
  /** The attribute that names the object, on the broker and as import id. */
  readonly nameAttribute: string;
  /** A state that an earlier version wrote, with the values that mean the same today. */
  readonly fromEarlierVersion?: (state: Values) => Values;
  validate(config: Values): Eventually<readonly Diagnostic[]>;
  /** The attributes that only the broker can tell. */
  computed(live: L): Values;
  /** Further attributes that a refresh brings up to date. */
  refreshed?(session: Session, live: L, state: Values): Eventually<Values>;
  /** True for an object that a refresh leaves as it is in the state, because the next apply has something to finish of it. */
  isUnfinished?(session: Session, state: Values): Eventually<boolean>;
  /** Attributes of an object that an interrupted run has left to the next apply, as a refresh shows them. */
  readonly whileInterrupted?: Values;
  /** Attributes that an update which replaces the object itself changes, as a plan shows them. */
  readonly whenReplacedInPlace?: Values;
  /** Defaults that depend on other fields or on the broker. */
  defaults?(request: PlanRequest<Session>, planned: Values): Values;
  /** What the object is to be, with what only the configuration or the environment has, such as a password. */
  completed?(canonical: C, config: Values): C;
  /** Further attributes whose change replaces the object: those of which the table does not say it for every change. */
  replacedFor?(request: PlanRequest<Session>): readonly string[];
  /** What the plan hands over to the removal that begins a replacement. */
  forRemoval?(planned: Values): Private;
  /** Throws when what comes after the removal cannot succeed, before anything is removed. */
  refuseRemoval?(name: string, privateState: Private): void;
  /** What users should know of an object that was just created. */
  afterCreation?(live: L): readonly Diagnostic[];
  /** Computed values that a change of these fields leaves as they are. */
  unaffected?(changed: readonly string[], prior: Values): Values;
  /** The value of a field in the state, where it is not the canonical one. Default: an empty string is null. */
  inState?(canonical: C, field: keyof C & string): Value | undefined;
  /** The fields that name an object which the same run creates first. */
  createdFirst?(session: Session, planned: Values): Eventually<readonly (keyof D & string)[]>;
  /** The object, by kind and name, that has to be made before what failed with an error can be done. */
  waitsFor?(error: unknown, planned: Values): string | undefined;
  /** The object without what it waits for, which is written once that has been made. */
  withoutAwaited?(canonical: C): C;
  /** Is called with each plan of an object of the state; `planned` is null when it goes. */
  planning?(session: Session, prior: Values, planned: Values | null): void;
  /** What the plan of a removal hands to its apply. */
  removal?(request: PlanRequest<Session>): Eventually<Private>;
  /** What becomes of an object that exists before its first deploy, as whole sentences. */
  becomes(change: Change): string;
  /** Whatever else a plan of an object that stays should tell. */
  notices?(session: Session, live: L | undefined, planned: Values): Eventually<readonly Diagnostic[]>;
}
