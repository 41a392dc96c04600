import { flagField, textField } from './field';

/** Permission to adopt an object that is on the broker already. */
export const adoptExisting = flagField({
  default: false,
  description:
    'Allows this declaration to adopt an existing, unowned object of the same name. The plan shows what would change on it; it refuses a difference that forces replacement or loses messages.',
  change: { how: 'policy' },
});

/** The declaration that an object belongs to; constructs fill it in. */
export const owner = textField({
  description:
    "Project, stack and construct path of the declaration. The provider records it on the broker, so that an interrupted run is resumed and no other declaration's object is touched. Constructs fill it in.",
  change: { how: 'policy' },
});

/** A lock against destroying and replacing. */
export const deletionProtection = flagField({
  absent: 'that of the provider, or else false',
  description:
    'Refuses to destroy or replace the object, whatever else is allowed. The deployed value counts: switching it off requires a separate deploy.',
  change: { how: 'policy' },
});
