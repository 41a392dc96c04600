import type { DeclarationOf } from './field';
import { flagField, textSetField } from './field';
import type { StationDeclaration } from './station';
import { stationRules } from './station';
import type { Rule } from './validation';

/**
 * What a provider says for all of its stations. Each station may override it. The provider's configuration is that of the
 * run, so that a value counts for a destroy at once.
 */
export const stationDefaultFields = {
  allowMessageLoss: flagField({
    description:
      'What `allowMessageLoss` is on stations that do not set it. It counts in the same run, also for a destroy.',
    absent: 'false',
    change: { how: 'policy' },
  }),
  deletionProtection: flagField({
    description:
      'What `deletionProtection` is on stations that do not set it. It counts in the same run, also for a destroy.',
    absent: 'false',
    change: { how: 'policy' },
  }),
  tags: textSetField({
    description:
      'The tags of stations that set none. A station that sets tags has these alone. Taken out again, the tags stay on the broker.',
    absent: 'the tags of stations that set none are not managed',
    change: { how: 'policy' },
  }),
} as const;

/** What a provider says for all of its stations. */
export type StationDefaults = DeclarationOf<typeof stationDefaultFields>;

const tagRule = stationRules.filter(({ fields }) => fields.every((field) => field === 'tags'));

/** What must be true of these values together: the rules of a station that concern them alone. */
export const stationDefaultRules = tagRule as readonly Rule<Pick<StationDeclaration, 'tags'>>[];
