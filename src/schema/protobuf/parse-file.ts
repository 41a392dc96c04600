import type { FileDescriptor, MethodDescriptor, ServiceDescriptor } from './descriptor-types';
import { DeclarationReader } from './parse-message';
import type { WrittenOption } from './parse-options';
import { readOptionStatement } from './parse-options';
import { TokenReader } from './token-reader';
import type { Place } from './tokens';

/** A .proto file after reading; names of types are still as they are written. */
export interface ParsedFile {
  readonly file: FileDescriptor;
  /** Where each descriptor starts: at its name; of a reserved or extension range, at the range. */
  readonly places: ReadonlyMap<object, Place>;
  /** Where the types of fields are written. */
  readonly typePlaces: ReadonlyMap<object, Place>;
  /** Defaults of fields with a named type; whether they are valid is known when the type is. */
  readonly enumDefaults: ReadonlyMap<object, WrittenOption>;
}

/**
 * Reads the text of one .proto file (proto2 or proto3).
 * @throws ProtoSyntaxError at the first place that cannot be read.
 */
export function parseProtoFile(content: string): ParsedFile {
  const reader = new TokenReader(content);
  const file: FileDescriptor = { name: '', messageType: [], enumType: [], service: [], extension: [] };
  if (readSyntax(reader) === 'proto3') file.syntax = 'proto3';
  const declarations = new DeclarationReader(reader, file.syntax === 'proto3');
  while (reader.next.kind !== 'end') statement(reader, declarations, file);
  const { places, fields } = declarations;
  return { file, places: places.byPart, typePlaces: fields.typePlaces, enumDefaults: fields.enumDefaults };
}

function readSyntax(reader: TokenReader): 'proto2' | 'proto3' {
  if (reader.sees('edition'))
    reader.fail(reader.next, 'editions are not known to the broker; use syntax = "proto3"');
  if (!reader.takeIf('syntax')) return 'proto2';
  reader.expect('=');
  const place = reader.next;
  const syntax = reader.text();
  if (syntax !== 'proto2' && syntax !== 'proto3') {
    reader.fail(place, `unknown syntax "${syntax}"; known are "proto2" and "proto3"`);
  }
  reader.expect(';');
  return syntax;
}

function statement(reader: TokenReader, declarations: DeclarationReader, file: FileDescriptor): void {
  if (reader.takeIf(';')) return;
  const word = reader.next;
  switch (word.kind === 'name' ? word.text : '') {
    case 'message':
      reader.take();
      file.messageType.push(declarations.message());
      return;
    case 'enum':
      reader.take();
      file.enumType.push(declarations.enum());
      return;
    case 'service':
      reader.take();
      file.service.push(service(reader, declarations));
      return;
    case 'extend':
      reader.take();
      if (file.syntax === 'proto3') reader.fail(word, 'extensions are not allowed in proto3');
      declarations.extend(file.extension, file.messageType, 0);
      return;
    case 'option':
      reader.take();
      file.options = readOptionStatement(reader, 'FileOptions', file.options);
      return;
    case 'package':
      reader.take();
      if (file.package !== undefined) reader.fail(word, 'a file has one package');
      file.package = reader.dottedName(false);
      reader.expect(';');
      return;
    case 'import':
      // Each import resolves to the file itself, so even the files that come with protoc cannot be imported.
      return reader.fail(word, 'imports do not work in Memphis; put all messages into this file');
    case 'syntax':
      return reader.fail(word, 'the syntax line comes first in a file');
  }
  reader.unexpected('a message, an enum, a service, an option or a package');
}

function service(reader: TokenReader, declarations: DeclarationReader): ServiceDescriptor {
  const name = reader.name();
  const result = declarations.places.at<ServiceDescriptor>({ name: name.text, method: [] }, name);
  reader.expect('{');
  while (!reader.takeIf('}')) {
    if (reader.takeIf(';')) continue;
    if (reader.takeIf('option')) {
      result.options = readOptionStatement(reader, 'ServiceOptions', result.options);
      continue;
    }
    reader.expect('rpc');
    result.method.push(method(reader, declarations));
  }
  return result;
}

function method(reader: TokenReader, declarations: DeclarationReader): MethodDescriptor {
  const name = reader.name();
  const [inputType, clientStreaming] = streamedType(reader);
  reader.expect('returns');
  const [outputType, serverStreaming] = streamedType(reader);
  const result = declarations.places.at<MethodDescriptor>(
    {
      name: name.text,
      inputType,
      outputType,
      ...(clientStreaming && { clientStreaming }),
      ...(serverStreaming && { serverStreaming }),
    },
    name,
  );
  if (!reader.takeIf('{')) {
    reader.expect(';');
    return result;
  }
  // Braces alone make an empty set of options, as protoc does it.
  result.options = {};
  while (!reader.takeIf('}')) {
    if (reader.takeIf(';')) continue;
    reader.expect('option');
    result.options = readOptionStatement(reader, 'MethodOptions', result.options);
  }
  return result;
}

function streamedType(reader: TokenReader): readonly [type: string, stream: boolean] {
  reader.expect('(');
  // A message may be called stream: `(stream)` is its name, `(stream x)` a stream of x.
  const stream = reader.sees('stream') && !reader.sees(')', 1) && !isPartOfName(reader);
  if (stream) reader.take();
  const type = reader.dottedName(true);
  reader.expect(')');
  return [type, stream];
}

/** Whether the next token and the dot behind it are one name: `stream.a`, but not `stream .a`. */
function isPartOfName(reader: TokenReader): boolean {
  const [word, dot] = [reader.peek(0), reader.peek(1)];
  return dot.text === '.' && dot.line === word.line && dot.column === word.column + word.text.length;
}
