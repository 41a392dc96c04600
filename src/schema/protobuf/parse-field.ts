import { defaultValueText } from './default-value';
import type { FieldDescriptor, FieldTypeName, MessageDescriptor } from './descriptor-types';
import { fieldTypes, jsonNameOf, labels, newMessage } from './descriptor-types';
import { MAX_FIELD_NUMBER } from './number-ranges';
import type { WrittenOption } from './parse-options';
import { optionsOfList, readOptionList } from './parse-options';
import type { Places } from './places';
import type { TokenReader } from './token-reader';
import type { Place, Token } from './tokens';

/** Reads the fields of messages: their label, type, number and options. */
export class FieldReader {
  /** Where the type of a field is written, for fields whose type may be unknown. */
  readonly typePlaces = new Map<object, Place>();
  readonly enumDefaults = new Map<object, WrittenOption>();

  readonly #reader: TokenReader;
  readonly #proto3: boolean;
  readonly #places: Places;
  readonly #readGroup: (name: Token, depth: number) => MessageDescriptor;

  /** @param readGroup reads the body of a group, which is a message of its own. */
  constructor(
    reader: TokenReader,
    proto3: boolean,
    places: Places,
    readGroup: (name: Token, depth: number) => MessageDescriptor,
  ) {
    this.#reader = reader;
    this.#proto3 = proto3;
    this.#places = places;
    this.#readGroup = readGroup;
  }

  /** Reads a field with the label that the syntax asks for. */
  labelledField(nested: MessageDescriptor[], depth: number): FieldDescriptor {
    const reader = this.#reader;
    const proto3 = this.#proto3;
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
  field(nested: MessageDescriptor[], depth: number, label: number): FieldDescriptor {
    const reader = this.#reader;
    const isGroup = reader.sees('group') && reader.peek(1).kind === 'name' && reader.sees('=', 2);
    if (isGroup && this.#proto3) reader.fail(reader.next, 'groups are not allowed in proto3');
    const typePlace = reader.next;
    const typeName = reader.dottedName(true);
    const name = reader.name();
    if (isGroup && !/^[A-Z]/.test(name.text))
      reader.fail(name, 'the name of a group starts with a capital letter');
    reader.expect('=');
    const field = this.#places.at<FieldDescriptor>(
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
    this.#fieldOptions(field, isGroup || !isScalar(typeName) ? 'enum' : typeName);
    if (isGroup) {
      nested.push(this.#readGroup(name, depth + 1));
    } else {
      reader.expect(';');
    }
    return field;
  }

  #fieldOptions(field: FieldDescriptor, type: FieldTypeName): void {
    const reader: TokenReader = this.#reader;
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
      if (this.#proto3) reader.fail(fallback.place, 'default values are not allowed in proto3');
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

  /** Reads `map<key, value> name = 1;`; the hidden message of its entries goes to `nested`. */
  mapField(nested: MessageDescriptor[]): FieldDescriptor {
    const reader = this.#reader;
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
    const entry = this.#places.at(newMessage(entryName(name.text)), name);
    entry.options = { mapEntry: true };
    const part = (partName: string, number: number, type: string, place: Token): FieldDescriptor =>
      this.#places.at(
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
    const field = this.#places.at<FieldDescriptor>(
      {
        name: name.text,
        number: reader.integerIn(1, MAX_FIELD_NUMBER, 'the number of a field'),
        label: labels.repeated,
        typeName: entry.name,
        jsonName: '',
      },
      name,
    );
    this.#fieldOptions(field, 'enum');
    reader.expect(';');
    return field;
  }
}

/** The label that a token is; undefined for every other token. */
export function labelOf(token: Token): keyof typeof labels | undefined {
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
