import { readAvroSchema } from '../avro/content';
import type { AvroField, AvroType } from '../avro/type';
import { branchName } from '../avro/type';

/** What a value of one primitive type is read as, beside itself. Avro also reads strings as bytes, JSON text does not. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  bytes: ['string'],
};

/**
 * What in the messages of one Avro schema another one cannot resolve. The rules are those of Avro's schema resolution, as
 * far as they hold for messages in JSON, which is how they travel: a union names its branches, and there neither aliases
 * nor the default of an enum help.
 */
export function avroMismatches(reader: string, writer: string): readonly string[] {
  const [to, from] = [readAvroSchema(reader), readAvroSchema(writer)];
  if (to.problems !== undefined || from.problems !== undefined) return ['one of the schemas cannot be read'];
  return new Resolution().mismatches(to.type, from.type, '#');
}

class Resolution {
  /** Pairs that are being compared: a record may contain itself. */
  readonly #open = new Map<AvroType, Set<AvroType>>();

  mismatches(reader: AvroType, writer: AvroType, place: string): readonly string[] {
    const open = this.#open.get(reader);
    if (open?.has(writer) === true) return [];
    if (open === undefined) this.#open.set(reader, new Set([writer]));
    else open.add(writer);
    return this.#compared(reader, writer, place);
  }

  #compared(reader: AvroType, writer: AvroType, place: string): readonly string[] {
    if (writer.kind === 'union') return this.#ofUnion(reader, writer.branches, place);
    if (reader.kind === 'union') return this.#inUnion(reader.branches, writer, place);
    if ('name' in reader && 'name' in writer && reader.kind === writer.kind && reader.name !== writer.name)
      return [`${place}: ${reader.kind} ${reader.name} is expected, and messages hold ${writer.name}`];
    switch (reader.kind) {
      case 'record':
        return writer.kind === 'record'
          ? reader.fields.flatMap((field) => this.#field(field, writer.fields, place))
          : [unlike(reader, writer, place)];
      case 'array':
        return writer.kind === 'array'
          ? this.mismatches(reader.items, writer.items, `${place}[]`)
          : [unlike(reader, writer, place)];
      case 'map':
        return writer.kind === 'map'
          ? this.mismatches(reader.values, writer.values, `${place}{}`)
          : [unlike(reader, writer, place)];
      case 'enum': {
        if (writer.kind !== 'enum') return [unlike(reader, writer, place)];
        const unknown = [...writer.symbols].filter((symbol) => !reader.symbols.has(symbol));
        return unknown.length === 0
          ? []
          : [`${place}: messages may hold ${unknown.join(', ')}, which enum ${reader.name} does not have`];
      }
      case 'fixed':
        if (writer.kind !== 'fixed') return [unlike(reader, writer, place)];
        return reader.size === writer.size
          ? []
          : [`${place}: ${reader.size} bytes are expected, and messages hold ${writer.size}`];
      default: {
        const isRead = reader.kind === writer.kind || promotions[writer.kind]?.includes(reader.kind) === true;
        return isRead ? [] : [unlike(reader, writer, place)];
      }
    }
  }

  #field(reader: AvroField, fields: readonly AvroField[], place: string): readonly string[] {
    const at = `${place}.${reader.name}`;
    const written = fields.find(({ name }) => name === reader.name);
    if (written !== undefined) {
      // A message may leave out what has a default where it was written.
      const isOptional = written.hasDefault && !reader.hasDefault;
      const missing = isOptional ? [`${at}: it has no default, and messages may leave it out`] : [];
      return [...missing, ...this.mismatches(reader.type, written.type, at)];
    }
    return reader.hasDefault ? [] : [`${at}: it has no default, and messages do not have it`];
  }

  #ofUnion(reader: AvroType, branches: readonly AvroType[], place: string): readonly string[] {
    if (reader.kind !== 'union')
      return [`${place}: ${branchName(reader)} is expected, and messages hold a union of ${named(branches)}`];
    return branches.flatMap((branch) => this.#inUnion(reader.branches, branch, place, true));
  }

  /** @param isNamed whether a message may name the branch, so that one of that name has to be there */
  #inUnion(
    branches: readonly AvroType[],
    writer: AvroType,
    place: string,
    isNamed = false,
  ): readonly string[] {
    const same = branches.find((branch) => branchName(branch) === branchName(writer));
    if (same !== undefined) return this.mismatches(same, writer, place);
    const isRead = !isNamed && branches.some((branch) => promotions[writer.kind]?.includes(branch.kind));
    if (isRead) return [];
    return [
      `${place}: messages may hold ${branchName(writer)}, which the union of ${named(branches)} does not have`,
    ];
  }
}

function unlike(reader: AvroType, writer: AvroType, place: string): string {
  return `${place}: ${branchName(reader)} is expected, and messages hold ${branchName(writer)}`;
}

function named(branches: readonly AvroType[]): string {
  return branches.map(branchName).join(', ');
}
