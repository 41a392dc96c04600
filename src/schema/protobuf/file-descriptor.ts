import { ValidationError } from '../../model/errors';
import { protobufDescriptorPackage } from '../codec-packages';
import { readAnyProtoFile, readProtoFile } from './content';
import type { FileDescriptor } from './descriptor-types';

/**
 * The simple name (without the package) of the first message of a .proto file: the message that a protobuf schema
 * stands for.
 * @returns undefined if the file has no message or cannot be read.
 */
export function firstMessageName(content: string): string | undefined {
  return readProtoFile(content).file?.messageType[0]?.name;
}

/**
 * The serialised `FileDescriptorSet` of one .proto file, as `protoc --descriptor_set_out` without imports writes it. A file
 * without messages has one, too.
 * @param fileName name of the file in the descriptor; the broker uses `<schema>_<version>.proto`.
 * @throws ValidationError if protoc would refuse the file.
 */
export function fileDescriptorSet(content: string, fileName: string): Uint8Array {
  const { file, problems } = readAnyProtoFile(content);
  if (problems !== undefined) {
    throw new ValidationError(
      `describe the file ${fileName}`,
      problems.map(({ person }) => person),
    );
  }
  return serializedSet({ ...file, name: fileName });
}

export function serializedSet(file: FileDescriptor): Uint8Array {
  const { FileDescriptorSet } = protobufDescriptorPackage();
  return FileDescriptorSet.encode({ file: [file] }).finish();
}
