import { choiceField, textField } from './field';
import { externalName } from './names';
import { Retention } from './retention';
import type { Rule } from './validation';

/** What happens to a station that the broker cannot change as declared. */
export const onReplace = choiceField(['recreate', 'carryMessages'], {
  default: 'recreate',
  description:
    'What a change does that the broker cannot make in place: another storage type, number of partitions, or name with moveFrom. carryMessages carries the stored messages into the new station, inside the broker and in the same run; a publish fails meanwhile. recreate destroys the station with its messages, which needs allowMessageLoss.',
  change: { how: 'policy' },
});

/** The name that a station had before. */
export const moveFrom = textField({
  names: 'Station',
  description:
    'Former name of the station. With onReplace carryMessages, a changed name then moves the station with its messages. It may stay in the declaration afterwards.',
  absent: 'a changed name forces replacement',
  change: { how: 'policy' },
});

/** What concerns a replacement in the declaration of a station. */
interface ReplacedStation {
  readonly name?: string;
  readonly onReplace?: string;
  readonly moveFrom?: string;
  readonly retentionType?: Retention;
}

export const replacementRules: readonly Rule<ReplacedStation>[] = [
  {
    fields: ['onReplace', 'retentionType'],
    problem: (station) =>
      station.onReplace === 'carryMessages' && station.retentionType === Retention.ACK_BASED
        ? 'onReplace is carryMessages, which retentionType ACK_BASED excludes: a copy counts as a consumer group there; leave onReplace out'
        : undefined,
  },
  {
    fields: ['moveFrom', 'onReplace'],
    problem: (station) =>
      station.moveFrom !== undefined && station.onReplace !== 'carryMessages'
        ? `moveFrom is "${station.moveFrom}", which needs onReplace carryMessages; set that, or leave moveFrom out`
        : undefined,
  },
  {
    fields: ['moveFrom', 'name'],
    problem: ({ name, moveFrom }) =>
      name !== undefined && moveFrom !== undefined && externalName(name) === externalName(moveFrom)
        ? `moveFrom is "${moveFrom}", the name of the station itself; give its former name, or leave moveFrom out`
        : undefined,
  },
];
