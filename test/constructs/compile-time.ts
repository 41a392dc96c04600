// What must not compile, checked by compile-time.test.ts: each of these comments is an error itself when the line
// below it compiles. Nothing here is ever run.
import type { TerraformStack } from 'cdktf';
import { Duration, Retention, Schema, Size, SmokeTest, Station, Storage } from '../../src';
import type { SchemaProps, StationProps } from '../../src';
import type { SchemaDeclaration } from '../../src/model/schema-declaration';
import type { StationDeclaration } from '../../src/model/station';

export function legal(stack: TerraformStack): void {
  new Station(stack, '1', { name: 'a' });
  new Station(stack, '2', { name: 'a', retentionValue: 5 });
  new Station(stack, '3', { name: 'a', retentionType: Retention.BYTES, retentionValue: 5 });
  new Station(stack, '3a', { name: 'a', retentionValue: Duration.days(7) });
  new Station(stack, '3b', { name: 'a', retentionType: Retention.BYTES, retentionValue: Size.mebibytes(5) });
  new Station(stack, '4', { name: 'a', retentionType: Retention.ACK_BASED, storageType: Storage.MEMORY });
  new Schema(stack, '5', { name: 'a', file: 'a.proto', messageStructName: 'A' });
  new Schema(stack, '6', { name: 'a', type: 'protobuf', content: '', messageStructName: 'A' });
  new Schema(stack, '7', { name: 'a', type: 'avro', file: 'a.json' });
  const station = Station.fromName(stack, '8', 'a');
  new SmokeTest(stack, '9', { station, sample: { a: [1, 'x', null, true] }, rerunOn: process.env.RUN });
}

export function illegal(stack: TerraformStack): void {
  // @ts-expect-error -- a limit has no meaning with ACK_BASED
  new Station(stack, '1', { name: 'a', retentionType: Retention.ACK_BASED, retentionValue: 5 });
  // @ts-expect-error -- a number of messages that nobody gave
  new Station(stack, '1a', { name: 'a', retentionType: Retention.MESSAGES });
  // @ts-expect-error -- nor a size
  new Station(stack, '1b', { name: 'a', retentionType: Retention.BYTES });
  // @ts-expect-error -- a number of messages is no size
  new Station(stack, '1c', { name: 'a', retentionType: Retention.MESSAGES, retentionValue: Size.bytes(5) });
  // @ts-expect-error -- a size is no time
  new Station(stack, '1d', { name: 'a', retentionType: Retention.BYTES, retentionValue: Duration.days(5) });
  // @ts-expect-error -- a station without a name
  new Station(stack, '2', {});
  /* eslint-disable @typescript-eslint/no-unsafe-enum-assignment -- that is the point */
  // @ts-expect-error -- a text is no member of the enum
  new Station(stack, '3', { name: 'a', storageType: 'disk' });
  /* eslint-enable */
  // @ts-expect-error -- a misspelt option
  new Station(stack, '4', { name: 'a', partitions: 3 });
  // @ts-expect-error -- the attachment of a schema belongs to the enforcement, by name or construct
  new Station(stack, '5', { name: 'a', schemaName: 7 });
  // @ts-expect-error -- text and file at once
  new Schema(stack, '6', { name: 'a', type: 'json', content: '{}', file: 'a.json' });
  // @ts-expect-error -- neither text nor file
  new Schema(stack, '7', { name: 'a', type: 'json' });
  // @ts-expect-error -- text without its language
  new Schema(stack, '8', { name: 'a', content: '{}' });
  // @ts-expect-error -- only a protobuf file has messages to choose from
  new Schema(stack, '9', { name: 'a', type: 'json', content: '{}', messageStructName: 'A' });
  // @ts-expect-error -- not a schema language
  new Schema(stack, '10', { name: 'a', type: 'xml', content: '' });
  // @ts-expect-error -- a function cannot be written into a file
  new SmokeTest(stack, '11', { station: Station.fromName(stack, '12', 'a'), sample: { a: () => 1 } });
}

type Keys<T> = T extends unknown ? keyof T : never;
type Missing<Wanted, Given> = Exclude<keyof Wanted, Keys<Given> | 'owner'>;

/** A field of the model without a property does not compile; the constructs fill in the owner themselves. */
export const everyFieldHasAProperty: [
  Missing<StationDeclaration, StationProps>,
  Missing<SchemaDeclaration, SchemaProps>,
] extends [never, never]
  ? true
  : never = true;
