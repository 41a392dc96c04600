import { storeAdvice } from '../../connection/store-advice';

/** What to do about the refusals of a Memphis broker, by its own words, which name no remedy. */
const ADVICE: readonly (readonly [found: RegExp, next: string])[] = [
  [/user .*does not exist|user does not exist/i, 'Check the user name, or create the user'],
  [/tenant .*does not exist/i, 'Check accountId; brokers other than Memphis.dev Cloud have the account 1'],
  [/schema .*does not exist/i, 'Deploy the schema first, or create it with createSchema'],
  [
    /station .*does not exist|station can not be created automatically/i,
    'Deploy the station first, or create it with station; check the spelling of its name',
  ],
  [/consumer .*does not exist/i, 'Create the consumer again'],
  [/idempotency window cannot/i, 'Set a smaller idempotencyWindowMs, or a longer retentionValue'],
  [/already exist with type/i, 'Choose another name, or remove that schema first'],
  [
    /different uneditable configuration/i,
    'Give the options that the members of the group have, or choose another consumerGroup',
  ],
  [/replicas count is larger/i, 'Set replicas to the number of servers of the broker or less'],
  [/proto file is invalid|failed attaching schema/i, 'Create a corrected version of the schema'],
  [
    /permission|not allowed/i,
    'Permit it to this user with allowReadPermissions or allowWritePermissions, or use another user',
  ],
  [/message size exceeds|maximum payload/i, 'Send a smaller message, or raise the limit of the broker'],
  [/maximum (?:messages|bytes)/i, 'Consume or purge messages, or raise the retention of the station'],
];

/**
 * What to do about a refusal of the broker.
 * @param found the words of the broker
 */
export function refusalAdvice(found: string): { readonly next: string } {
  const next = storeAdvice(found).next ?? ADVICE.find(([words]) => words.test(found))?.[1];
  return { next: next ?? 'The log of the broker may say more about the reason' };
}
