import { checkEnum, checkFieldNumbers, checkFieldOptions, checkJsonNames, checkMessageSet } from './checks';
import type { FieldDescriptor, MessageDescriptor } from './descriptor-types';
import { fieldTypes, jsonNameOf } from './descriptor-types';
import type { ParsedFile } from './parse-file';
import { SymbolTable, qualifiedName } from './symbols';
import type { Place } from './tokens';

export interface LinkProblem {
  readonly place: Place;
  readonly what: string;
}

/**
 * Looks up the names of types in a file, writes them back as full names, and checks what cannot be seen while
 * reading. The descriptors are complete afterwards if there is no problem.
 */
export function linkProtoFile(parsed: ParsedFile): readonly LinkProblem[] {
  return new Linker(parsed).run();
}

class Linker {
  readonly #problems: LinkProblem[] = [];
  readonly #symbols: SymbolTable;
  readonly #proto3: boolean;
  readonly #extensionNumbers = new Set<string>();

  readonly #parsed: ParsedFile;

  constructor(parsed: ParsedFile) {
    this.#parsed = parsed;

    this.#proto3 = parsed.file.syntax === 'proto3';
    this.#symbols = new SymbolTable(parsed.file, (part, name, earlier) =>
      this.#problem(part, `duplicate symbol ${name}: already defined as ${article(earlier.kind)}`),
    );
  }

  run(): readonly LinkProblem[] {
    const { file } = this.#parsed;
    const scope = file.package ?? '';
    const report = this.#problem.bind(this);
    file.messageType.forEach((message) => this.#message(message, scope));
    file.enumType.forEach((one) => checkEnum(one, this.#proto3, report));
    file.extension.forEach((field) => this.#extension(field, scope));
    for (const service of file.service) {
      for (const method of service.method) {
        const place = qualifiedName(scope, service.name);
        method.inputType = this.#messageName(method, method.inputType, place);
        method.outputType = this.#messageName(method, method.outputType, place);
      }
    }
    return this.#problems.sort(
      (one, other) => one.place.line - other.place.line || one.place.column - other.place.column,
    );
  }

  #message(message: MessageDescriptor, scope: string): void {
    const name = qualifiedName(scope, message.name);
    const report = this.#problem.bind(this);
    message.field.forEach((field) => this.#field(field, name));
    message.extension.forEach((field) => this.#extension(field, name));
    message.nestedType.forEach((nested) => this.#message(nested, name));
    message.enumType.forEach((one) => checkEnum(one, this.#proto3, report));
    checkFieldNumbers(message, report);
    checkMessageSet(message, report);
    checkJsonNames(message, this.#proto3, jsonNameOf, report);
  }

  #field(field: FieldDescriptor, scope: string): void {
    if (field.typeName !== undefined) {
      const found = this.#symbols.find(field.typeName, scope);
      const [owner] = scope.split('.').slice(-1);
      if (found === undefined) {
        this.#problemAt(
          this.#parsed.typePlaces.get(field) ?? this.#placeOf(field),
          `field ${owner ?? ''}.${field.name}: unknown type ${field.typeName}`,
        );
        return;
      }
      field.typeName = `.${found.fullName}`;
      field.type ??= found.kind === 'enum' ? fieldTypes.enum : fieldTypes.message;
      this.#enumDefault(field, found);
    }
    checkFieldOptions(field, this.#problem.bind(this));
  }

  #enumDefault(field: FieldDescriptor, type: ReturnType<SymbolTable['find']>): void {
    const option = this.#parsed.enumDefaults.get(field);
    if (option === undefined || type === undefined) return;
    const isValid =
      type.kind === 'enum' && type.descriptor.value.some(({ name }) => name === field.defaultValue);
    if (!isValid) this.#problemAt(option.value, `${type.fullName} has no value ${field.defaultValue ?? ''}`);
  }

  #extension(field: FieldDescriptor, scope: string): void {
    this.#field(field, scope);
    const { extendee = '' } = field;
    const found = this.#symbols.find(extendee, scope);
    if (found?.kind !== 'message') {
      this.#problem(field, `extension ${field.name}: unknown message ${extendee}`);
      return;
    }
    field.extendee = `.${found.fullName}`;
    const inRange = found.descriptor.extensionRange.some(
      ({ start, end }) => field.number >= start && field.number < end,
    );
    if (!inRange)
      this.#problem(field, `${found.fullName} does not declare ${field.number} as an extension number`);
    const number = `${found.fullName} ${field.number}`;
    if (this.#extensionNumbers.has(number)) {
      this.#problem(field, `extension number ${field.number} of ${found.fullName} is used twice`);
    }
    this.#extensionNumbers.add(number);
  }

  #messageName(part: object, name: string, scope: string): string {
    const found = this.#symbols.find(name, scope);
    if (found?.kind === 'message') return `.${found.fullName}`;
    this.#problem(
      part,
      found === undefined ? `unknown type ${name}` : `${name} is ${article(found.kind)}, not a message`,
    );
    return name;
  }

  #problem(part: object, what: string): void {
    this.#problemAt(this.#placeOf(part), what);
  }

  #placeOf(part: object): Place {
    return this.#parsed.places.get(part) ?? { line: 1, column: 1 };
  }

  #problemAt({ line, column }: Place, what: string): void {
    this.#problems.push({ place: { line, column }, what });
  }
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
