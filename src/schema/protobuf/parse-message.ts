import type { EnumDescriptor, FieldDescriptor, MessageDescriptor } from './descriptor-types';
import { labels, newMessage } from './descriptor-types';
import { MAX_INT32, MIN_INT32, RangeReader } from './number-ranges';
import { FieldReader, labelOf } from './parse-field';
import { optionsOfList, readOptionList, readOptionStatement } from './parse-options';
import { Places } from './places';
import type { TokenReader } from './token-reader';
import type { Token } from './tokens';

/** As deep as protoc allows. */
const MAX_NESTING = 32;

/** Reads messages and enums and notes where each part was. */
export class DeclarationReader {
  readonly places = new Places();
  readonly fields: FieldReader;
  readonly #ranges: RangeReader;

  readonly #reader: TokenReader;
  readonly #proto3: boolean;

  constructor(reader: TokenReader, proto3: boolean) {
    this.#reader = reader;
    this.#proto3 = proto3;

    this.fields = new FieldReader(reader, proto3, this.places, (name, depth) =>
      this.#messageNamed(name, depth),
    );
    this.#ranges = new RangeReader(reader, this.places.byPart);
  }

  /** Reads `Name { … }`. */
  message(depth = 1): MessageDescriptor {
    return this.#messageNamed(this.#reader.name(), depth);
  }

  enum(): EnumDescriptor {
    const reader = this.#reader;
    const name = reader.name();
    const result = this.places.at<EnumDescriptor>(
      { name: name.text, value: [], reservedRange: [], reservedName: [] },
      name,
    );
    reader.expect('{');
    while (!reader.takeIf('}')) {
      if (reader.takeIf(';')) continue;
      if (reader.sees('option')) {
        reader.take();
        result.options = readOptionStatement(reader, 'EnumOptions', result.options);
      } else if (reader.sees('reserved')) {
        reader.take();
        this.#ranges.reservedValues(result);
      } else {
        const value = reader.name();
        reader.expect('=');
        const number = reader.integerIn(MIN_INT32, MAX_INT32, 'the number of an enum value');
        const options = optionsOfList(reader, 'EnumValueOptions', readOptionList(reader));
        result.value.push(this.places.at({ name: value.text, number, ...(options && { options }) }, value));
        reader.expect(';');
      }
    }
    return result;
  }

  /** Reads `extend Name { … }` behind its first word; messages of groups go to `nested`. */
  extend(extensions: FieldDescriptor[], nested: MessageDescriptor[], depth: number): void {
    const reader = this.#reader;
    const extendee = reader.dottedName(true);
    reader.expect('{');
    do {
      const field = this.fields.labelledField(nested, depth);
      extensions.push(Object.assign(field, { extendee }));
    } while (!reader.takeIf('}'));
  }

  #messageNamed(name: Token, depth: number): MessageDescriptor {
    const message = this.places.at(newMessage(name.text), name);
    this.#messageBody(message, depth);
    return message;
  }

  #messageBody(message: MessageDescriptor, depth: number): void {
    const reader = this.#reader;
    if (depth > MAX_NESTING) reader.fail(reader.next, `nested deeper than ${MAX_NESTING} messages`);
    reader.expect('{');
    while (!reader.takeIf('}')) this.#messageStatement(message, depth);
    this.#hiddenOneofs(message);
  }

  #messageStatement(message: MessageDescriptor, depth: number): void {
    const reader = this.#reader;
    const { text } = reader.next;
    if (reader.takeIf(';')) return;
    if (reader.next.kind !== 'name' && text !== '.') reader.unexpected('a field or a declaration');
    // `message.x y = 1;` would be a field whose type starts with a key word.
    const word = reader.peek(1).text === '.' || text === '.' ? '' : text;
    switch (word) {
      case 'message':
        reader.take();
        message.nestedType.push(this.message(depth + 1));
        return;
      case 'enum':
        reader.take();
        message.enumType.push(this.enum());
        return;
      case 'extend':
        reader.take();
        this.extend(message.extension, message.nestedType, depth);
        return;
      case 'extensions':
        reader.take();
        if (this.#proto3) reader.fail(reader.next, 'extension ranges are not allowed in proto3');
        this.#ranges.extensions(message);
        return;
      case 'reserved':
        reader.take();
        this.#ranges.reservedFields(message);
        return;
      case 'option':
        reader.take();
        message.options = readOptionStatement(reader, 'MessageOptions', message.options);
        return;
      case 'oneof':
        reader.take();
        this.#oneof(message, depth);
        return;
      case 'map':
        if (reader.sees('<', 1)) return void message.field.push(this.fields.mapField(message.nestedType));
    }
    message.field.push(this.fields.labelledField(message.nestedType, depth));
  }

  #oneof(message: MessageDescriptor, depth: number): void {
    const reader = this.#reader;
    const name = reader.name();
    const oneof = this.places.at<MessageDescriptor['oneofDecl'][number]>({ name: name.text }, name);
    const oneofIndex = message.oneofDecl.push(oneof) - 1;
    const before = message.field.length;
    reader.expect('{');
    while (!reader.takeIf('}')) {
      if (reader.sees('option') && !reader.sees('.', 1)) {
        reader.take();
        oneof.options = readOptionStatement(reader, 'OneofOptions', oneof.options);
        continue;
      }
      if (labelOf(reader.next) !== undefined && !reader.sees('.', 1)) {
        reader.fail(reader.next, 'a field in a oneof has no label');
      }
      if (reader.sees('map') && reader.sees('<', 1)) reader.fail(reader.next, 'a map cannot be in a oneof');
      message.field.push(
        Object.assign(this.fields.field(message.nestedType, depth, labels.optional), { oneofIndex }),
      );
    }
    if (message.field.length === before) reader.fail(name, `the oneof ${name.text} has no field`);
  }

  /** The presence of an `optional` field of proto3 is a oneof of its own; those come after the written ones. */
  #hiddenOneofs(message: MessageDescriptor): void {
    const taken = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name));
    for (const field of message.field) {
      if (field.proto3Optional !== true) continue;
      let name = field.name.startsWith('_') ? field.name : `_${field.name}`;
      while (taken.has(name)) name = `X${name}`;
      taken.add(name);
      field.oneofIndex = message.oneofDecl.push(this.places.at({ name }, this.places.of(field))) - 1;
    }
  }
}
