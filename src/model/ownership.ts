import type { Field } from './field';

/** Permission to take over an object that is on the broker already. */
export const adoptExisting: Field<boolean> = {
  type: 'flag',
  default: false,
  description:
    'Permits to take over an object of that name that is on the broker already and that no other declaration owns. The plan shows what would change on it; a difference that needs a new object, or loses messages, is refused.',
  change: { how: 'policy' },
  source: 'declaration',
};

/** In whose name an object is made; constructs fill it in. */
export const owner: Field<string> = {
  type: 'text',
  description:
    "Project, stack and construct path of the declaration, recorded on the broker, so that a run that died half-way is gone on with and nobody else's object is touched. Constructs fill it in.",
  change: { how: 'policy' },
  source: 'declaration',
};

/** A lock against destroying and replacing. */
export const deletionProtection: Field<boolean> = {
  type: 'flag',
  default: false,
  description:
    'Refuses to destroy or replace the object, whatever else is permitted. The deployed value counts: switching it off takes a deploy of its own.',
  change: { how: 'policy' },
  source: 'declaration',
};
