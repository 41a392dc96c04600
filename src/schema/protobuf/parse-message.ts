import { defaultValueText } from './default-value';
import type { EnumDescriptor, FieldDescriptor, FieldTypeName, MessageDescriptor } from './descriptor-types';
import { fieldTypes, jsonNameOf, labels, newMessage } from './descriptor-types';
import { MAX_FIELD_NUMBER, MAX_INT32, MIN_INT32, RangeReader } from './number-ranges';
import type { WrittenOption } from './parse-options';
import { optionsOfList, readOptionList, readOptionStatement } from './parse-options';
import type { TokenReader } from './token-reader';
import type { Place, Token } from './tokens';

/** As deep as protoc allows. */
const MAX_NESTING = 32;

/** Reads messages and enums and notes where each part was. */
export class DeclarationReader {
  readonly places = new Map<object, Place>();
  /** Where the type of a field is written, for fields whose type may be unknown. */
  readonly typePlaces = new Map<object, Place>();
  readonly enumDefaults = new Map<object, WrittenOption>();
  private readonly ranges: RangeReader;

  constructor(
    private readonly reader: TokenReader,
    private readonly proto3: boolean,
  ) {
    this.ranges = new RangeReader(reader, this.places);
  }

  /** Reads `Name { … }`. */
  message(depth = 1): MessageDescriptor {
    const name = this.reader.name();
    const message = this.placed(newMessage(name.text), name);
    this.messageBody(message, depth);
    return message;
  }

  enum(): EnumDescriptor {
    const { reader } = this;
    const name = reader.name();
    const result = this.placed<EnumDescriptor>(
      { name: name.text, value: [], reservedRange: [], reservedName: [] },
      name,
    );
    reader.expect('{');
    while (!reader.takeIf('}')) {
      if (reader.takeIf(';')) continue;
      if (reader.sees('option') && !reader.sees('=', 1)) {
        reader.take();
        result.options = readOptionStatement(reader, 'EnumOptions', result.options);
      } else if (reader.sees('reserved') && !reader.sees('=', 1)) {
        reader.take();
        this.ranges.reservedValues(result);
      } else {
        const value = reader.name();
        reader.expect('=');
        const number = reader.integerIn(MIN_INT32, MAX_INT32, 'the number of an enum value');
        const options = optionsOfList(reader, 'EnumValueOptions', readOptionList(reader));
        result.value.push(this.placed({ name: value.text, number, ...(options && { options }) }, value));
        reader.expect(';');
      }
    }
    return result;
  }

  /** Reads `extend Name { … }` behind its first word; messages of groups go to `nested`. */
  extend(extensions: FieldDescriptor[], nested: MessageDescriptor[], depth: number): void {
    const { reader } = this;
    const extendee = reader.dottedName(true);
    reader.expect('{');
    do {
      const field = this.labelledField(nested, depth);
      extensions.push(Object.assign(field, { extendee }));
    } while (!reader.takeIf('}'));
  }

  private messageBody(message: MessageDescriptor, depth: number): void {
    const { reader } = this;
    if (depth > MAX_NESTING) reader.fail(reader.next, `nested deeper than ${MAX_NESTING} messages`);
    reader.expect('{');
    while (!reader.takeIf('}')) this.messageStatement(message, depth);
    this.hiddenOneofs(message);
  }

  private messageStatement(message: MessageDescriptor, depth: number): void {
    const { reader } = this;
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
        {
          this.extend(message.extension, message.nestedType, depth);
          return;
        }
      case 'extensions':
        reader.take();
        {
          if (this.proto3) reader.fail(reader.next, 'extension ranges are not allowed in proto3');
          this.ranges.extensions(message);
          return;
        }
      case 'reserved':
        reader.take();
        {
          this.ranges.reservedFields(message);
          return;
        }
      case 'option':
        reader.take();
        message.options = readOptionStatement(reader, 'MessageOptions', message.options);
        return;
      case 'oneof':
        reader.take();
        {
          this.oneof(message, depth);
          return;
        }
      case 'map':
        if (reader.sees('<', 1)) return void message.field.push(this.mapField(message.nestedType));
    }
    message.field.push(this.labelledField(message.nestedType, depth));
  }

  private labelledField(nested: MessageDescriptor[], depth: number): FieldDescriptor {
    const { reader, proto3 } = this;
    const written = reader.next;
    const label = reader.sees('.', 1) ? undefined : labelOf(written);
    if (label === undefined) {
      if (!proto3) reader.unexpected("'required', 'optional' or 'repeated'");
      return this.field(nested, depth, labels.optional);
    }
    reader.take();
    if (proto3 && label === 'required') reader.fail(written, 'required fields are not allowed in proto3');
    if (reader.sees('map') && reader.sees('<', 1)) reader.fail(written, 'a map field has no label');
    const field = this.field(nested, depth, labels[label]);
    if (proto3 && label === 'optional') field.proto3Optional = true;
    return field;
  }

  /** Reads a field behind its label. */
  private field(nested: MessageDescriptor[], depth: number, label: number): FieldDescriptor {
    const { reader } = this;
    const isGroup = reader.sees('group') && reader.peek(1).kind === 'name' && reader.sees('=', 2);
    if (isGroup && this.proto3) reader.fail(reader.next, 'groups are not allowed in proto3');
    const typePlace = reader.next;
    const typeName = reader.dottedName(true);
    const name = reader.name();
    if (isGroup && !/^[A-Z]/.test(name.text))
      reader.fail(name, 'the name of a group starts with a capital letter');
    reader.expect('=');
    const field = this.placed<FieldDescriptor>(
      {
        name: isGroup ? name.text.toLowerCase() : name.text,
        number: reader.integerIn(1, MAX_FIELD_NUMBER, 'the number of a field'),
        label,
        jsonName: '',
      },
      name,
    );
    if (isGroup) Object.assign(field, { type: fieldTypes.group, typeName: name.text });
    else if (isScalar(typeName)) field.type = fieldTypes[typeName];
    else field.typeName = typeName;
    this.typePlaces.set(field, typePlace);
    this.fieldOptions(field, isGroup || !isScalar(typeName) ? 'enum' : typeName);
    if (isGroup) {
      const group = this.placed(newMessage(name.text), name);
      this.messageBody(group, depth + 1);
      nested.push(group);
    } else {
      reader.expect(';');
    }
    return field;
  }

  private fieldOptions(field: FieldDescriptor, type: FieldTypeName): void {
    const reader: TokenReader = this.reader;
    const list = readOptionList(reader);
    const special = (name: string): WrittenOption | undefined => {
      const [first, second] = list.filter((option) => option.name === name);
      if (second !== undefined) reader.fail(second.place, `option ${name} is set twice`);
      return first;
    };
    const jsonName = special('json_name');
    if (jsonName !== undefined && jsonName.bytes === undefined)
      reader.fail(jsonName.value, 'json_name is a string');
    field.jsonName = jsonName?.bytes?.toString('utf8') ?? jsonNameOf(field.name);
    const fallback = special('default');
    if (fallback !== undefined) {
      if (this.proto3) reader.fail(fallback.place, 'default values are not allowed in proto3');
      if (field.label === labels.repeated)
        reader.fail(fallback.place, 'repeated fields have no default value');
      const text = defaultValueText(type, fallback);
      if (text === undefined) reader.fail(fallback.value, `wrong default value for the field ${field.name}`);
      field.defaultValue = text;
      if (type === 'enum') this.enumDefaults.set(field, fallback);
    }
    const rest = list.filter(({ name }) => name !== 'json_name' && name !== 'default');
    const options = optionsOfList(reader, 'FieldOptions', rest);
    if (options !== undefined) field.options = options;
  }

  private mapField(nested: MessageDescriptor[]): FieldDescriptor {
    const { reader } = this;
    reader.take();
    reader.expect('<');
    const keyPlace = reader.next;
    const key = reader.dottedName(true);
    if (!isScalar(key) || ['double', 'float', 'bytes'].includes(key)) {
      reader.fail(keyPlace, `the key of a map is a whole number, a bool or a string, found '${key}'`);
    }
    reader.expect(',');
    const valuePlace = reader.next;
    const value = reader.dottedName(true);
    reader.expect('>');
    const name = reader.name();
    reader.expect('=');
    const entry = this.placed(newMessage(entryName(name.text)), name);
    entry.options = { mapEntry: true };
    const part = (partName: string, number: number, type: string, place: Token): FieldDescriptor =>
      this.placed(
        {
          name: partName,
          number,
          label: labels.optional,
          jsonName: partName,
          ...(isScalar(type) ? { type: fieldTypes[type] } : { typeName: type }),
        },
        place,
      );
    entry.field.push(part('key', 1, key, keyPlace), part('value', 2, value, valuePlace));
    nested.push(entry);
    const field = this.placed<FieldDescriptor>(
      {
        name: name.text,
        number: reader.integerIn(1, MAX_FIELD_NUMBER, 'the number of a field'),
        label: labels.repeated,
        typeName: entry.name,
        jsonName: '',
      },
      name,
    );
    this.fieldOptions(field, 'enum');
    reader.expect(';');
    return field;
  }

  private oneof(message: MessageDescriptor, depth: number): void {
    const { reader } = this;
    const name = reader.name();
    const oneof = this.placed<MessageDescriptor['oneofDecl'][number]>({ name: name.text }, name);
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
        Object.assign(this.field(message.nestedType, depth, labels.optional), { oneofIndex }),
      );
    }
    if (message.field.length === before) reader.fail(name, `the oneof ${name.text} has no field`);
  }

  /** The presence of an `optional` field of proto3 is a oneof of its own; those come after the written ones. */
  private hiddenOneofs(message: MessageDescriptor): void {
    const taken = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name));
    for (const field of message.field) {
      if (field.proto3Optional !== true) continue;
      let name = field.name.startsWith('_') ? field.name : `_${field.name}`;
      while (taken.has(name)) name = `X${name}`;
      taken.add(name);
      field.oneofIndex = message.oneofDecl.push(this.placed({ name }, this.placeOf(field))) - 1;
    }
  }

  placed<T extends object>(part: T, { line, column }: Place): T {
    this.places.set(part, { line, column });
    return part;
  }

  private placeOf(part: object): Place {
    return this.places.get(part) ?? { line: 1, column: 1 };
  }
}

function labelOf(token: Token): keyof typeof labels | undefined {
  return token.kind === 'name' && Object.hasOwn(labels, token.text)
    ? (token.text as keyof typeof labels)
    : undefined;
}

function isScalar(name: string): name is FieldTypeName {
  return Object.hasOwn(fieldTypes, name) && !['group', 'message', 'enum'].includes(name);
}

/** The name of the hidden message of a map field, as protoc makes it. */
function entryName(field: string): string {
  return `${field.replace(/(?:^|_+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase())}Entry`;
}
