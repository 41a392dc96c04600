import type { EnumDescriptor, FieldDescriptor, MessageDescriptor, NumberRange } from './descriptor-types';
import { fieldTypes, labels } from './descriptor-types';

/** Takes a problem of a part of a file. */
export type Report = (part: object, what: string) => void;

/** Numbers from 19000 to 19999 belong to the implementation of protobuf. */
const IMPLEMENTATION = { start: 19000, end: 20000 };

/** Field numbers: each one once, none reserved, ranges apart. */
export function checkFieldNumbers(message: MessageDescriptor, report: Report): void {
  const byNumber = new Map<number, string>();
  const ranges = [...message.reservedRange, ...message.extensionRange];
  for (const field of message.field) {
    const { name, number } = field;
    const earlier = byNumber.get(number);
    if (earlier !== undefined)
      report(field, `the fields ${earlier} and ${name} both have the number ${number}`);
    byNumber.set(number, name);
    if (includes(IMPLEMENTATION, number)) {
      report(field, `field ${name}: the numbers from 19000 to 19999 are reserved for protobuf itself`);
    }
    if (message.reservedRange.some((range) => includes(range, number))) {
      report(field, `field ${name}: the number ${number} is reserved`);
    } else if (message.extensionRange.some((range) => includes(range, number))) {
      report(field, `field ${name}: the number ${number} is in an extension range`);
    }
    if (message.reservedName.includes(name)) report(field, `field ${name}: the name is reserved`);
  }
  checkRanges(ranges, report);
  for (const name of duplicatesAmong(message.reservedName))
    report(message, `the name ${name} is reserved twice`);
}

/**
 * Two fields of a message must not look the same in JSON. In proto3, names that the parser makes are compared without
 * case; of two that are written, the text counts. In proto2 the broker takes any names, but clients cannot use equal ones.
 */
export function checkJsonNames(
  message: MessageDescriptor,
  proto3: boolean,
  jsonNameOf: (name: string) => string,
  report: Report,
): void {
  const byName = new Map<string, { readonly field: FieldDescriptor; readonly isWritten: boolean }[]>();
  for (const field of message.field) {
    const one = { field, isWritten: field.jsonName !== jsonNameOf(field.name) };
    const key = proto3 ? field.jsonName.toLowerCase() : field.jsonName;
    const alike = byName.get(key) ?? [];
    const earlier = alike.find(
      (other) => !(one.isWritten && other.isWritten) || other.field.jsonName === field.jsonName,
    );
    if (earlier !== undefined) {
      const same = earlier.field.jsonName === field.jsonName;
      const what = same
        ? `have the same JSON name ${field.jsonName}`
        : `have JSON names that differ in case only: ${earlier.field.jsonName} and ${field.jsonName}`;
      report(field, `the fields ${earlier.field.name} and ${field.name} ${what}`);
    }
    byName.set(key, [...alike, one]);
  }
}

/** A message set is made of extensions. */
export function checkMessageSet(message: MessageDescriptor, report: Report): void {
  if (message.options?.messageSetWireFormat === true && message.extensionRange.length === 0) {
    report(message, `message ${message.name}: message_set_wire_format needs an extension range`);
  }
}

/** Names of values of a proto3 enum must differ when they are written as other languages do, without that of the enum. */
function checkValueNames(one: EnumDescriptor, report: Report): void {
  const byName = new Map<string, EnumDescriptor['value'][number]>();
  for (const value of one.value) {
    const name = camelCaseWithout(one.name, value.name);
    const earlier = byName.get(name);
    if (earlier !== undefined && earlier.number !== value.number) {
      report(
        value,
        `enum ${one.name}: the values ${earlier.name} and ${value.name} are both ${name} in other languages`,
      );
    }
    byName.set(name, value);
  }
}

function camelCaseWithout(prefix: string, name: string): string {
  const letters = prefix.replace(/_/g, '').toLowerCase();
  let at = 0;
  let matched = 0;
  for (; at < name.length && matched < letters.length; at += 1) {
    if (name[at] === '_') continue;
    if (name[at]?.toLowerCase() !== letters[matched]) break;
    matched += 1;
  }
  const rest = name.slice(at).replace(/^_+/, '');
  const short = matched === letters.length && rest !== '' ? rest : name;
  return short
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('');
}

export function checkEnum(one: EnumDescriptor, proto3: boolean, report: Report): void {
  const [first] = one.value;
  if (first === undefined) {
    report(one, `enum ${one.name}: an enum has at least one value`);
    return;
  }
  if (proto3 && first.number !== 0)
    report(first, `enum ${one.name}: the first value of a proto3 enum is zero`);
  if (proto3) checkValueNames(one, report);
  const aliases = duplicatesAmong(one.value.map(({ number }) => number));
  const allowed = one.options?.allowAlias === true;
  if (allowed && aliases.length === 0)
    report(one, `enum ${one.name}: allow_alias is set, but no value is an alias`);
  for (const value of one.value) {
    if (!allowed && aliases.includes(value.number)) {
      report(
        value,
        `enum ${one.name}: the number ${value.number} is used twice without the option allow_alias`,
      );
    }
    if (one.reservedRange.some(({ start, end }) => value.number >= start && value.number <= end)) {
      report(value, `enum ${one.name}: the number ${value.number} is reserved`);
    }
    if (one.reservedName.includes(value.name))
      report(value, `enum ${one.name}: the name ${value.name} is reserved`);
  }
  checkRanges(one.reservedRange, report, 1);
}

const neverPacked: readonly (number | undefined)[] = [
  fieldTypes.string,
  fieldTypes.bytes,
  fieldTypes.message,
  fieldTypes.group,
];

const wide: readonly (number | undefined)[] = [
  fieldTypes.int64,
  fieldTypes.uint64,
  fieldTypes.sint64,
  fieldTypes.fixed64,
  fieldTypes.sfixed64,
];

export function checkFieldOptions(field: FieldDescriptor, report: Report): void {
  const { options, type } = field;
  if (options?.packed === true && (field.label !== labels.repeated || neverPacked.includes(type))) {
    report(field, `field ${field.name}: only repeated fields of numbers can be packed`);
  }
  if (options?.jstype !== undefined && options.jstype !== 0 && !wide.includes(type)) {
    report(field, `field ${field.name}: jstype is for whole numbers of 64 bits`);
  }
}

/** `inclusive` is 1 for ranges whose end still belongs to them. */
function checkRanges(ranges: readonly NumberRange[], report: Report, inclusive: 0 | 1 = 0): void {
  const sorted = [...ranges].sort((one, other) => one.start - other.start);
  sorted.forEach((range, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && range.start < before.end + inclusive) {
      report(
        range,
        `the range that starts with ${range.start} overlaps the one that starts with ${before.start}`,
      );
    }
  });
}

function includes({ start, end }: NumberRange, number: number): boolean {
  return number >= start && number < end;
}

function duplicatesAmong<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
