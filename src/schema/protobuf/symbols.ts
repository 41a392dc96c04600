import type { EnumDescriptor, FileDescriptor, MessageDescriptor } from './descriptor-types';

export type ProtoSymbol =
  | { readonly kind: 'message'; readonly descriptor: MessageDescriptor }
  | { readonly kind: 'enum'; readonly descriptor: EnumDescriptor }
  | { readonly kind: 'package' | 'field' | 'oneof' | 'enum value' | 'service' | 'method' };

/** Tells about a name that is declared twice. */
export type OnDuplicate = (part: object, name: string, earlier: ProtoSymbol) => void;

/** All names that a file declares, by their full name (package and outer messages in front, dots between). */
export class SymbolTable {
  readonly #symbols = new Map<string, ProtoSymbol>();

  readonly #onDuplicate: OnDuplicate;

  constructor(file: FileDescriptor, onDuplicate: OnDuplicate) {
    this.#onDuplicate = onDuplicate;

    const packageName = file.package ?? '';
    const parts = packageName === '' ? [] : packageName.split('.');
    parts.forEach((_, index) => this.#symbols.set(parts.slice(0, index + 1).join('.'), { kind: 'package' }));
    file.messageType.forEach((message) => this.#addMessage(message, packageName));
    file.enumType.forEach((one) => this.#addEnum(one, packageName));
    file.extension.forEach((field) =>
      this.#add(field, qualifiedName(packageName, field.name), { kind: 'field' }),
    );
    for (const service of file.service) {
      const name = qualifiedName(packageName, service.name);
      this.#add(service, name, { kind: 'service' });
      service.method.forEach((method) =>
        this.#add(method, qualifiedName(name, method.name), { kind: 'method' }),
      );
    }
  }

  /**
   * The message or enum that a name means inside a scope, with its full name. As protoc does it, the first part of a
   * name is looked for from the inside out, and the rest has to be where the first part was found.
   */
  find(name: string, scope: string): (ProtoSymbol & { readonly fullName: string }) | undefined {
    if (name.startsWith('.')) return this.#type(name.slice(1));
    const first = name.split('.', 1)[0] ?? '';
    for (let at = scope; ; at = outer(at)) {
      const found = this.#symbols.get(qualifiedName(at, first));
      if (found !== undefined) {
        if (first === name) {
          const type = this.#type(qualifiedName(at, name));
          if (type !== undefined) return type;
        } else if (found.kind !== 'field' && found.kind !== 'oneof' && found.kind !== 'enum value') {
          return this.#type(qualifiedName(at, name));
        }
      }
      if (at === '') return undefined;
    }
  }

  #type(fullName: string): (ProtoSymbol & { readonly fullName: string }) | undefined {
    const found = this.#symbols.get(fullName);
    return found?.kind === 'message' || found?.kind === 'enum' ? { ...found, fullName } : undefined;
  }

  #addMessage(message: MessageDescriptor, scope: string): void {
    const name = qualifiedName(scope, message.name);
    this.#add(message, name, { kind: 'message', descriptor: message });
    message.field.forEach((field) => this.#add(field, qualifiedName(name, field.name), { kind: 'field' }));
    message.oneofDecl.forEach((oneof) =>
      this.#add(oneof, qualifiedName(name, oneof.name), { kind: 'oneof' }),
    );
    message.extension.forEach((field) =>
      this.#add(field, qualifiedName(name, field.name), { kind: 'field' }),
    );
    message.nestedType.forEach((nested) => this.#addMessage(nested, name));
    message.enumType.forEach((one) => this.#addEnum(one, name));
  }

  #addEnum(one: EnumDescriptor, scope: string): void {
    this.#add(one, qualifiedName(scope, one.name), { kind: 'enum', descriptor: one });
    // Values are siblings of their enum, not parts of it.
    one.value.forEach((value) => this.#add(value, qualifiedName(scope, value.name), { kind: 'enum value' }));
  }

  #add(part: object, fullName: string, symbol: ProtoSymbol): void {
    const earlier = this.#symbols.get(fullName);
    if (earlier === undefined) this.#symbols.set(fullName, symbol);
    else this.#onDuplicate(part, fullName, earlier);
  }
}

/** The full name of something in a scope; the scope of the file's top is empty if it has no package. */
export function qualifiedName(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function outer(scope: string): string {
  return scope.split('.').slice(0, -1).join('.');
}
