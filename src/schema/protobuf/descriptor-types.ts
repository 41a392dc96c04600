/**
 * The descriptors of protobuf (`google/protobuf/descriptor.proto`) as far as a single file without imports needs
 * them. The names are those of protobufjs' own descriptor messages, so that a value can be encoded as it is.
 */

/** `FieldDescriptorProto.Type`. */
export const fieldTypes = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  group: 10,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
} as const;

export type FieldTypeName = keyof typeof fieldTypes;

/** `FieldDescriptorProto.Label`. */
export const labels = { optional: 1, required: 2, repeated: 3 } as const;

export type Options = Record<string, boolean | number | string>;

export interface FieldDescriptor {
  name: string;
  number: number;
  label: number;
  /** Unset until a named type has been looked up. */
  type?: number;
  /** As written; after linking the full name with a dot in front. */
  typeName?: string;
  extendee?: string;
  defaultValue?: string;
  oneofIndex?: number;
  jsonName: string;
  options?: Options;
  proto3Optional?: boolean;
}

export interface NumberRange {
  start: number;
  /** Exclusive for messages, inclusive for enums. */
  end: number;
}

interface EnumValueDescriptor {
  name: string;
  number: number;
  options?: Options;
}

export interface EnumDescriptor {
  name: string;
  value: EnumValueDescriptor[];
  options?: Options;
  reservedRange: NumberRange[];
  reservedName: string[];
}

interface OneofDescriptor {
  name: string;
  options?: Options;
}

export interface MessageDescriptor {
  name: string;
  field: FieldDescriptor[];
  nestedType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  extensionRange: NumberRange[];
  extension: FieldDescriptor[];
  options?: Options;
  oneofDecl: OneofDescriptor[];
  reservedRange: NumberRange[];
  reservedName: string[];
}

export interface MethodDescriptor {
  name: string;
  inputType: string;
  outputType: string;
  options?: Options;
  clientStreaming?: boolean;
  serverStreaming?: boolean;
}

export interface ServiceDescriptor {
  name: string;
  method: MethodDescriptor[];
  options?: Options;
}

export interface FileDescriptor {
  name: string;
  package?: string;
  messageType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  service: ServiceDescriptor[];
  extension: FieldDescriptor[];
  options?: Options;
  /** Unset for proto2, as protoc writes it. */
  syntax?: 'proto3';
}

export function newMessage(name: string): MessageDescriptor {
  return {
    name,
    field: [],
    nestedType: [],
    enumType: [],
    extensionRange: [],
    extension: [],
    oneofDecl: [],
    reservedRange: [],
    reservedName: [],
  };
}

/** The name of a field in JSON: each underscore goes, and the letter after it becomes a capital. */
export function jsonNameOf(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}
