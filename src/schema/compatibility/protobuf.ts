import type { SchemaDefinition } from '../compile';
import { readProtoFile } from '../protobuf/content';
import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
} from '../protobuf/descriptor-types';
import { fieldTypes, labels } from '../protobuf/descriptor-types';
import { SymbolTable } from '../protobuf/symbols';

/** A file, and the message of it that stations exchange. */
type ProtoMessage = Pick<SchemaDefinition, 'content' | 'messageStructName'>;

/**
 * What in the messages of one Protobuf schema another one cannot read. Fields are told by their numbers; names do not
 * matter. Numbers that the reader does not know are skipped.
 */
export function protobufMismatches(reader: ProtoMessage, writer: ProtoMessage): readonly string[] {
  const [to, from] = [readProtoFile(reader.content), readProtoFile(writer.content)];
  if (to.problems !== undefined || from.problems !== undefined) return ['one of the schemas cannot be read'];
  const [mine, theirs] = [messageOf(to.file, reader), messageOf(from.file, writer)];
  if (mine === undefined || theirs === undefined)
    return ['the message that stations exchange is not in the file'];
  return new Comparison(to.file, from.file).messages(mine, theirs, mine.name);
}

function messageOf(
  file: FileDescriptor,
  { messageStructName = '' }: ProtoMessage,
): MessageDescriptor | undefined {
  if (messageStructName === '') return file.messageType[0];
  const symbols = symbolsOf(file);
  const found = symbols.find(messageStructName, file.package ?? '');
  return found?.kind === 'message' ? found.descriptor : undefined;
}

function symbolsOf(file: FileDescriptor): SymbolTable {
  return new SymbolTable(file, () => undefined);
}

const { int32, int64, uint32, uint64, bool } = fieldTypes;

/** What a value of one type is read as without loss, beside itself; all of them have one form on the wire. */
const widened: Readonly<Record<number, readonly number[]>> = {
  [bool]: [int32, int64, uint32, uint64],
  [int32]: [int64],
  [uint32]: [uint64, int64],
  [fieldTypes.sint32]: [fieldTypes.sint64],
  [fieldTypes.enum]: [int32, int64],
  [fieldTypes.string]: [fieldTypes.bytes],
};

const typeNames = new Map<number | undefined, string>(
  Object.entries(fieldTypes).map(([name, number]) => [number, name]),
);

class Comparison {
  readonly #reader: SymbolTable;
  readonly #writer: SymbolTable;
  readonly #isProto3: boolean;
  /** Pairs that are being compared: a message may contain itself. */
  readonly #open = new Map<MessageDescriptor, Set<MessageDescriptor>>();

  constructor(reader: FileDescriptor, writer: FileDescriptor) {
    this.#reader = symbolsOf(reader);
    this.#writer = symbolsOf(writer);
    this.#isProto3 = reader.syntax === 'proto3';
  }

  messages(reader: MessageDescriptor, writer: MessageDescriptor, place: string): readonly string[] {
    const open = this.#open.get(reader);
    if (open?.has(writer) === true) return [];
    if (open === undefined) this.#open.set(reader, new Set([writer]));
    else open.add(writer);
    const problems = reader.field.flatMap((field) => {
      const at = `${place}.${field.name} (number ${field.number})`;
      const written = writer.field.find(({ number }) => number === field.number);
      if (written === undefined) {
        return field.label === labels.required ? [`${at}: it is required, and messages do not have it`] : [];
      }
      return this.#fields(field, written, at);
    });
    return [...problems, ...newlyExclusive(reader, writer, place)];
  }

  #fields(reader: FieldDescriptor, writer: FieldDescriptor, at: string): readonly string[] {
    const problems: string[] = [];
    if (reader.label === labels.required && writer.label !== labels.required)
      problems.push(`${at}: it is required, and messages may leave it out`);
    if (reader.label !== labels.repeated && writer.label === labels.repeated)
      problems.push(`${at}: one value is expected, and messages may hold several`);
    const isSame = reader.type === writer.type;
    if (!isSame && widened[writer.type ?? 0]?.includes(reader.type ?? 0) !== true)
      return [...problems, `${at}: ${nameOf(reader)} is expected, and messages hold ${nameOf(writer)}`];
    if (!isSame || reader.typeName === undefined || writer.typeName === undefined) return problems;
    const [to, from] = [this.#reader.find(reader.typeName, ''), this.#writer.find(writer.typeName, '')];
    if (to?.kind === 'message' && from?.kind === 'message')
      problems.push(...this.messages(to.descriptor, from.descriptor, at));
    if (to?.kind === 'enum' && from?.kind === 'enum')
      problems.push(...this.#enums(to.descriptor, from.descriptor, at));
    return problems;
  }

  /** An enum of proto3 keeps numbers that it does not know, one of proto2 drops them. */
  #enums(reader: EnumDescriptor, writer: EnumDescriptor, at: string): readonly string[] {
    if (this.#isProto3) return [];
    const known = new Set(reader.value.map(({ number }) => number));
    const unknown = writer.value.filter(({ number }) => !known.has(number));
    if (unknown.length === 0) return [];
    const values = unknown.map(({ name, number }) => `${name} = ${number}`).join(', ');
    return [`${at}: messages may hold ${values}, which enum ${reader.name} does not have`];
  }
}

/** Fields that exclude each other only for the reader: it keeps the last one of a message that has several. */
function newlyExclusive(
  reader: MessageDescriptor,
  writer: MessageDescriptor,
  place: string,
): readonly string[] {
  const groups = new Map<number, FieldDescriptor[]>();
  for (const field of reader.field) {
    if (field.oneofIndex === undefined || field.proto3Optional === true) continue;
    groups.set(field.oneofIndex, [...(groups.get(field.oneofIndex) ?? []), field]);
  }
  return [...groups].flatMap(([index, fields]) => {
    const written = writer.field.filter(({ number }) => fields.some((field) => field.number === number));
    const among = new Set(
      written.map(({ oneofIndex, number, proto3Optional }) =>
        oneofIndex === undefined || proto3Optional === true ? `number ${number}` : `oneof ${oneofIndex}`,
      ),
    );
    if (among.size < 2) return [];
    const names = written.map(({ name }) => name).join(', ');
    return [
      `${place}.${reader.oneofDecl[index]?.name ?? 'oneof'}: one of ${names} is expected, and messages may hold several`,
    ];
  });
}

function nameOf({ type, typeName }: FieldDescriptor): string {
  return typeName === undefined ? (typeNames.get(type) ?? 'a value') : typeName.replace(/^\./, '');
}
