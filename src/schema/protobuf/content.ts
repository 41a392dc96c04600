import type { ContentProblem } from '../content-problem';
import { remembered } from '../remembered';
import { START, withPlace } from '../text-place';
import type { FileDescriptor } from './descriptor-types';
import { linkProtoFile } from './link';
import type { ParsedFile } from './parse-file';
import { parseProtoFile } from './parse-file';
import type { Place } from './tokens';
import { ProtoSyntaxError } from './tokens';

/** A .proto file that can be used, or why it cannot. */
export type ProtoContent =
  | { readonly file: FileDescriptor; readonly problems?: undefined }
  | { readonly file?: undefined; readonly problems: readonly ContentProblem[] };

/** Reads and checks a .proto file that stands for a message. Its descriptor has no name. */
export function readProtoFile(content: string): ProtoContent {
  const read = readAnyProtoFile(content);
  if (read.problems !== undefined || read.file.messageType.length > 0) return read;
  const what = 'the file declares no message; such a schema crashes the broker, so it is not sent';
  return { problems: [{ broker: what, person: withPlace(what, START) }] };
}

/** The same for a file that may have no message at all, as protoc takes it. */
export const readAnyProtoFile = remembered((content): ProtoContent => {
  let parsed: ParsedFile;
  try {
    parsed = parseProtoFile(content);
  } catch (error) {
    if (error instanceof ProtoSyntaxError) return { problems: [problemAt(error.place, error.what)] };
    throw error;
  }
  const problems = linkProtoFile(parsed);
  if (problems.length > 0) return { problems: problems.map(({ place, what }) => problemAt(place, what)) };
  return { file: parsed.file };
});

function problemAt({ line, column }: Place, what: string): ContentProblem {
  return {
    broker: `:${line}:${column}: ${protoTextOfBroker(what)}`,
    person: `line ${line}, column ${column}: ${what}`,
  };
}

/** Words that the grammar has a use for; the broker's parser shows them as they stand. */
const keywords: ReadonlySet<string> = new Set(
  (
    'syntax import weak public package option true false inf nan repeated optional required double float int32 int64 uint32 ' +
    'uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes group oneof map extensions to max reserved enum ' +
    'message extend service rpc stream returns'
  ).split(' '),
);

/** The broker's parser is silent about what it wants when that may be any of many words, and does not show names. */
function protoTextOfBroker(what: string): string {
  return what
    .replace(/, expecting (a name|a message, .*|a field or .*)$/, '')
    .replace(/^(syntax error: unexpected )'([A-Za-z_]\w*)'/, (all, start: string, word: string) =>
      keywords.has(word) ? all : `${start}identifier`,
    );
}
