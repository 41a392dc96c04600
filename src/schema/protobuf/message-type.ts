import type { Type } from 'protobufjs';
import { protobufDescriptorPackage, protobufPackage } from '../codec-packages';
import type { MessageDescriptor } from './descriptor-types';
import { readProtoFile } from './content';
import { serializedSet } from './file-descriptor';

/** How the message type of a Protobuf schema is named. */
export interface MessageTypeSource {
  readonly content: string;
  readonly messageStructName: string | undefined;
  readonly descriptor: Uint8Array | string | undefined;
}

/** The type of the messages of a protobuf schema, or why there is none. */
export type FoundMessageType =
  | { readonly type: Type; readonly problems?: undefined }
  | { readonly type?: undefined; readonly problems: readonly string[] };

/** Finds the type of the messages of a protobuf schema. */
export function findMessageType(source: MessageTypeSource): FoundMessageType {
  const { content, descriptor } = source;
  let set: Uint8Array;
  if (descriptor === undefined || descriptor.length === 0) {
    const { file, problems } = readProtoFile(content, 'schema.proto');
    if (problems !== undefined) return { problems: problems.map(({ person }) => person) };
    set = serializedSet(file);
  } else {
    set = typeof descriptor === 'string' ? Buffer.from(descriptor, 'base64') : descriptor;
  }
  try {
    return lookUp(set, source.messageStructName);
  } catch (error) {
    return {
      problems: [`the descriptor cannot be read: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
}

interface DecodedSet {
  readonly file: readonly { readonly package: string; readonly messageType: readonly MessageDescriptor[] }[];
}

function lookUp(set: Uint8Array, structName: string | undefined): FoundMessageType {
  const { FileDescriptorSet } = protobufDescriptorPackage();
  const { Root, Type: MessageType } = protobufPackage();
  const decoded = FileDescriptorSet.decode(set) as unknown as DecodedSet;
  const [file] = decoded.file;
  const [first] = file?.messageType ?? [];
  if (file === undefined || first === undefined) return { problems: ['the descriptor holds no message'] };
  const root = Root.fromDescriptor(set);
  const wanted = structName === undefined || structName === '' ? first.name : structName;
  const inPackage = file.package === '' ? wanted : `${file.package}.${wanted}`;
  for (const name of [inPackage, wanted]) {
    const found = root.lookup(`.${name}`);
    if (found instanceof MessageType) return { type: found };
  }
  const names = file.messageType.map(({ name }) => name).join(', ');
  return { problems: [`the schema has no message ${wanted}; it has ${names}`] };
}
