import type { LedgerRecord } from '../../admin';
import type { Kind } from '../../reconcile';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
import { matcherOf, namePattern } from '../data-sources/glob';
import type { Attribute } from '../framework/attribute';
import type { ListResource, ListedObject } from '../framework/list-resource';
import { explained } from '../resources/diagnose';
import { objectStateOf } from '../resources/object-state';
import type { KindResource } from '../resources/particulars';
import type { Session } from '../resources/session';

/** One object of a kind, as a bulk read shows it. */
interface FoundObject {
  /** In the form of the broker. */
  readonly name: string;
  /** The broker's own id of it. */
  readonly uid: string;
}

/** What is particular to the list of a kind. */
export interface KindList {
  readonly description: string;
  /** Further arguments of `config`. */
  readonly attributes?: readonly Attribute[];
  /** Every object that a declaration can stand for and that fits the further arguments. */
  readonly all: (session: Session, config: Values) => Promise<readonly FoundObject[]>;
  /** The one that every broker makes at its first start; it is listed only where `name_pattern` is its name. */
  readonly madeByTheBroker?: string;
}

const commonArguments: readonly Attribute[] = [
  { ...namePattern, type: t.string, optional: true },
  {
    name: 'include_owned',
    type: t.bool,
    optional: true,
    description:
      'Also lists objects that a declaration is recorded to own. Without it, only those that nobody manages from code.',
  },
];

/** The list of the objects of a kind: those that nobody owns, unless the query asks for all. */
export function listOf<D, C extends object, L>(
  kind: Kind<D, C, L>,
  particular: KindResource<D, C, L>,
  { description, attributes = [], all, madeByTheBroker }: KindList,
): ListResource<Session> {
  const { typeName, nameAttribute } = particular;
  const objectState = objectStateOf(kind, particular);
  const read = async (session: Session, name: string): Promise<Values | null> => {
    const live = await kind.find(session.run, { name });
    return live === undefined ? null : objectState.imported(live);
  };
  return {
    typeName,
    description,
    attributes: [...commonArguments, ...attributes],
    list: (session, config) =>
      explained(async () => {
        const pattern = stringAt(config, 'name_pattern');
        const fits = matcherOf(pattern);
        const [objects, owned] = await Promise.all([
          all(session, config),
          booleanAt(config, 'include_owned') === true ? undefined : session.admin.ledger.list(kind.name),
        ]);
        return objects
          .filter(({ name }) => fits(name) && (name !== madeByTheBroker || name === pattern?.toLowerCase()))
          .filter((object) => !isOwned(object, owned?.get(object.name)))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name }): ListedObject => ({
            identity: { [nameAttribute]: name },
            displayName: name,
            read: () => explained(() => read(session, name), session.outage),
          }));
      }, session.outage),
  };
}

/** A record about another object of that name, which is gone, is nobody's. */
function isOwned({ uid }: FoundObject, record: LedgerRecord | undefined): boolean {
  return record?.uid === uid;
}
