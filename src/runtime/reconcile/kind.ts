import type { MemphisError } from '../../model/errors';
import type { FieldTable } from '../../model/field';
import type { Compatibility } from '../../model/schema-compatibility';
import type { LedgerKind } from '../admin';
import type { Change } from './diff';
import type { Made } from './made';
import type { CarryPlan } from './station/carry/plan';
import type { Loss } from './station/message-loss';
import type { Run } from './run';

/** What the user allows, and asks for. */
export interface Permissions {
  /** Stored messages may be dropped by destroying, replacing, or a smaller limit. */
  readonly allowMessageLoss: boolean;
  /** The object must be neither destroyed nor replaced. */
  readonly deletionProtection?: boolean;
  /** An object that has to be replaced takes its messages along. */
  readonly carry?: CarryPermission | undefined;
  /** For a schema: which former versions a change has to go on working with. Default: none. */
  readonly compatibility?: Compatibility | undefined;
}

/** The messages of an object that is replaced are carried into the new one. */
export interface CarryPermission {
  /** Name of the object that is replaced, in the form of the broker. */
  readonly from: string;
  /** Gets what users should know of it afterwards, in whole sentences. */
  readonly notice?: (text: string) => void;
}

/** In whose name an object is created. */
export interface DeclaredOwner {
  /** Project, stack and construct path of the declaration; empty when it names none. */
  readonly owner: string;
  /** Allows adopting an object that exists and that no declaration is recorded to own; an imported one also if one does. */
  readonly adoptExisting: boolean;
  /**
   * True where adopting also takes over what another declaration of the same project and stack is recorded to own. A plan
   * in which that declaration still stands for the object is refused before.
   */
  readonly adoptsWithinStack?: boolean;
  /** True where the state does not know the object, so that the creation is not the first half of a replacement. */
  readonly isMissingInState?: boolean;
  /** For an object of a state: the owner that the state knows. Empty for one that was imported. */
  readonly formerOwner?: string;
}

/** Why an existing object may become ours: an interrupted run of the same declaration created it, or it is adopted. */
export type Continuation = 'unfinished' | 'adopted';

/** One reason why a change must not be made. */
export interface Refusal {
  readonly error: MemphisError;
  /** The field that the user has to look at; absent when it is the object as a whole. */
  readonly field?: string;
}

/** What a change brings with it. */
export interface Consequence {
  /** What stands after the object: `is removed and added again`. */
  readonly summary: string;
  /** Whole sentences. */
  readonly detail: string;
}

/** What is going to happen to one object, and what forbids it. */
export interface Plan {
  readonly change: Change;
  /** What would be dropped, allowed or not. */
  readonly loss?: Loss;
  /** Set for a replacement that takes the messages along. */
  readonly carry?: CarryPlan;
  /** What else the change brings with it and people should know before it is made. */
  readonly consequence?: Consequence;
  /** Nothing has been touched when there are any. */
  readonly refusals: readonly Refusal[];
  /** Set for an object that exists before its first deploy, when that may go on. */
  readonly continuation?: Continuation;
}

/** What a plan is made for. */
export interface PlanContext {
  readonly permissions: Permissions;
  /** In whose name the object is going to be created; absent for one that was deployed before. */
  readonly creation?: DeclaredOwner;
  /** True when the object is destroyed and recreated whatever its values say: it is tainted, or `-replace` names it. */
  readonly isForced?: boolean;
  /** The fields that name an object which the same run creates first, so that it need not exist yet. */
  readonly createdFirst?: readonly string[];
}

/** An object that a declaration means: its name, and the broker's own id of it if that is known. */
export interface Identified {
  readonly name: string;
  /** An object of that name with another id has another owner. */
  readonly uid?: string | undefined;
}

/**
 * One kind of object on a broker. Engine and provider know a kind only through this: what it is declared with (the
 * table), how it is read, compared, planned and changed. Everything may be repeated after a crash.
 *
 * `D` is what users declare, `C` the canonical form, `L` the object as it is on the broker.
 */
export interface Kind<D, C extends object, L> {
  /** As the ledger and the messages call it. */
  readonly name: LedgerKind;
  /** Field by field: facts for people, where a value is read, and how it is written. */
  readonly fields: FieldTable;

  /** The name under which the object is looked up, in the form of the broker. */
  nameOf(declaration: D): string;
  /** The object as messages call it: `station "orders"`. */
  describe(name: string): string;
  /** Whether `describe` gives a plural, as for the settings of a broker. */
  readonly isPlural?: true;
  /** The one form of a valid declaration. */
  canonical(declaration: D): C;

  /**
   * Reads one object from the snapshot of a plan.
   * @param known what a state says; content that never changes is not read again when it is the same
   * @returns undefined when it is not there, or is another object of that name
   */
  find(run: Run, object: Identified, known?: Known<D>): Promise<L | undefined>;
  /** Reads one object fresh, by its name. */
  read(run: Run, name: string): Promise<L | undefined>;
  /** What an interrupted run has left to the next apply, as whole sentences; undefined when there is nothing. */
  interrupted?(run: Run, name: string): Promise<string | undefined>;
  /**
   * What an object shows of its creation, or that there are only streams of it; undefined when nothing is there. Absent for
   * kinds whose creation is not recorded before it happens.
   */
  madeOf?(run: Run, name: string): Promise<Made | 'streams' | undefined>;
  /** The uids of all objects of the kind by name, as a list shows them. Absent for what is always there. */
  uids?(run: Run): Promise<ReadonlyMap<string, string>>;
  /** True for objects that an import takes over, whoever is recorded to own them. */
  readonly isTakenOverByImport?: true;
  /** The broker's own id of an object. */
  uidOf(live: L): string;
  /**
   * The canonical form of a live object.
   * @param expected what it should be; values that mean the same are spelled like there
   */
  normalise(live: L, expected?: C): C;
  /** What turns one into the other; undefined is "not there". */
  diff(before: C | undefined, after: C | undefined): Change;

  /**
   * Plans one object and finds what forbids the change.
   * @param live undefined when it is not on the broker
   * @param after undefined when it is to go
   */
  plan(run: Run, live: L | undefined, after: C | undefined, context: PlanContext): Promise<Plan>;
  /** Creates the object, resumes an interrupted creation of the same declaration, or adopts. Reads back. */
  create(run: Run, after: C, claim: DeclaredOwner, permissions: Permissions): Promise<L>;
  /** Changes the object in place and reads back. */
  update(run: Run, after: C, claim: DeclaredOwner, permissions: Permissions, uid?: string): Promise<L>;
  /**
   * Removes the object. One that is gone, or that has another owner by now, is left alone.
   * @returns why it was left alone; undefined when it is gone
   */
  destroy(run: Run, before: C, removal: Removal): Promise<string | undefined>;
}

/** How an object is removed. */
export interface Removal {
  readonly permissions: Permissions;
  /** The broker's own id of the object that is meant. */
  readonly uid?: string | undefined;
  /** In whose name it is removed: another owner's record in the ledger stays. */
  readonly owner: string;
  /** True when the object is removed in order to be replaced. */
  readonly isReplacement?: boolean;
  /** The name that the new object of a replacement gets; absent while it is not known. */
  readonly successor?: string | undefined;
  /** True for a schema that the same run takes from all stations that enforce it. */
  readonly movesOn?: boolean;
  /** Gets what users should know although the removal succeeded, in whole sentences. */
  readonly notice?: (text: string) => void;
}

/** What a state knows of an object. */
interface Known<D> {
  readonly declaration: D;
  readonly version?: number | undefined;
}
