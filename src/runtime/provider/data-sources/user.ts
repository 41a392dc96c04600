import { userFields } from '../../../model/user';
import { userKind } from '../../reconcile';
import { t } from '../cty/type';
import { stringAt } from '../cty/value';
import type { DataSource } from '../framework/resource';
import { explained, problemDiagnostics } from '../resources/diagnose';
import type { Session } from '../resources/session';
import { fieldValues, lookedUp, readOnlyAttribute } from './attributes';
import { missing } from './station';

/** `memphis_user`: one user, without its password. */
export const userData: DataSource<Session> = {
  typeName: 'memphis_user',
  description:
    'One user of a Memphis broker, whoever manages it; also root. The broker does not return passwords.',
  attributes: [
    ...lookedUp(userFields, 'name'),
    readOnlyAttribute('uid', t.string, "The broker's own identifier of the user."),
    readOnlyAttribute(
      'created_by',
      t.string,
      'Name of the user who added it; null where the broker does not tell.',
    ),
    readOnlyAttribute('created_at', t.string, 'When it was added, by the clock of the broker.'),
  ],
  validate: (config) => problemDiagnostics({ name: userFields.name }, [], config),
  read: ({ run, outage }, config) =>
    explained(async () => {
      const name = stringAt(config, 'name') ?? '';
      // It also finds out whether both sides are one broker.
      await run.snapshot();
      const user = await run.users.listed(name);
      if (user === undefined) throw missing('user', name);
      const state = {
        ...fieldValues(userFields, userKind.normalise(user)),
        name,
        uid: String(user.id),
        created_by: user.creation.by === '' ? null : user.creation.by,
        created_at: user.creation.at,
      };
      return { state };
    }, outage),
};
