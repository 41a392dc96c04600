import type { UserField } from '../../model/user';
import { userFields, userRules } from '../../model/user';
import { brokerFields, terraformName } from '../../model/field';
import { problemsOf } from '../../model/validation';
import type { InventoryUser } from '../inventory';
import type { UniqueNames } from './names';
import type { ExportedUser } from './plan';

const fields = brokerFields(userFields as Readonly<Record<string, UserField>>);

/** What the declaration of a live user says, and what it cannot say. */
export function expressUser(source: InventoryUser, variables: UniqueNames): Omit<ExportedUser, 'adopts'> {
  const { name } = source;
  const live = source.settings as unknown as Readonly<Record<string, unknown>>;
  const values = new Map<string, unknown>([['name', name]]);
  const ignored: string[] = [];
  const notes: string[] = [];
  for (const [field, entry] of fields) {
    const value = live[field];
    if (field === 'name' || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    const [problem] = problemsOf({ [field]: value }, { fields: { [field]: entry } as never });
    if (problem === undefined) values.set(field, value);
    else {
      ignored.push(terraformName(field));
      notes.push(`On the broker ${problem}. The stack leaves ${field} as it is`);
    }
  }
  const declaration = Object.fromEntries(values);
  const wrong = userRules.flatMap((rule) => rule.problem(declaration) ?? []);
  // Deploys read it when they add the user again, not when they import it.
  values.set('passwordEnv', variables.give(variableOf(name)));
  return {
    name,
    fields: [...values].map(([field, value]) => ({ name: field, value })),
    ignored,
    notes: [...notes, ...wrong.map((problem) => `On the broker ${problem}`)],
  };
}

/** The environment variable for the password of a user: `BILLING_PASSWORD`. */
function variableOf(name: string): string {
  const words = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return `${/^[A-Z]/.test(words) ? '' : 'USER_'}${words.replace(/^_+|_+$/g, '')}_PASSWORD`;
}
