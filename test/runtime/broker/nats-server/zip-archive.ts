import { crc32, deflateRawSync } from 'node:zlib';

/** One file of an archive, by the book. */
export interface ArchiveFile {
  readonly name: string;
  readonly header: Buffer;
  readonly packed: Buffer;
}

export function zipEntry(
  name: string,
  content: Buffer,
  method: 0 | 8 = 8,
  checksum: number = crc32(content),
): ArchiveFile {
  const packed = method === 8 ? deflateRawSync(content) : content;
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(method, 4);
  header.writeUInt32LE(checksum, 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return { name, header, packed };
}

/** A zip archive of these files. */
export function zipFile(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, header, packed } of files) {
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), header, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), header, tail, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]);
}

/** An archive of text files. */
export function zipOf(files: Readonly<Record<string, string>>): Buffer {
  return zipFile(Object.entries(files).map(([name, text]) => zipEntry(name, Buffer.from(text))));
}
