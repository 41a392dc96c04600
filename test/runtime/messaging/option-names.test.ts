import type {
  ConnectOptions,
  ConsumerOptions,
  CreateSchemaOptions,
  DetachSchemaOptions,
  EnforceSchemaOptions,
  FetchOptions,
  FlushOptions,
  ProduceOptions,
  ProducerOptions,
  StationOptions,
} from '../../../src/runtime/messaging';
import type { RequestOptions } from '../../../src/runtime/messaging/connection/request-options';
import { optionNames } from '../../../src/runtime/messaging/connection/option-names';

type Keys<O> = O extends unknown ? keyof O : never;
type Named = { [K in keyof typeof optionNames]: NonNullable<(typeof optionNames)[K]['names']> };
type Same<A, B> = [A, B] extends [B, A] ? true : Exclude<A, B> | Exclude<B, A>;

// The type check fails here when an option has no name, or a name no option.
const all: readonly true[] = [
  true satisfies Same<Named['connect'], Keys<ConnectOptions>>,
  true satisfies Same<Named['station'], Keys<StationOptions>>,
  true satisfies Same<Named['producer'], Keys<ProducerOptions>>,
  true satisfies Same<Named['produce'], Keys<ProduceOptions>>,
  true satisfies Same<Named['consumer'], Keys<ConsumerOptions>>,
  true satisfies Same<Named['fetch'], Keys<FetchOptions>>,
  true satisfies Same<Named['flush'], Keys<FlushOptions>>,
  true satisfies Same<Named['request'], Keys<RequestOptions>>,
  true satisfies Same<Named['createSchema'], Keys<CreateSchemaOptions>>,
  true satisfies Same<Named['enforceSchema'], Keys<EnforceSchemaOptions>>,
  true satisfies Same<Named['detachSchema'], Keys<DetachSchemaOptions>>,
];

test('the names of the options are those of their types', () => {
  expect(all).not.toContain(false);
  expect([...optionNames.wait]).toEqual(['signal']);
});
