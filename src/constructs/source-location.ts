import { readFileSync, realpathSync } from 'node:fs';
import { SourceMap, findSourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in the user's code. */
export interface SourceLocation {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A place on this machine. */
interface Place {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
}

/** Between a constructor of ours and the code that called it lie few frames; a library of constructs adds more. */
const STACK_DEPTHS = [12, 100];

/**
 * Tells which line of the user's code is running: that of the first frame outside of this package and of all installed
 * packages. Source maps are followed, so that it is the line that the user wrote.
 * @param projectFolder absolute
 * @returns undefined when no such frame is found, or its file is outside of the project: its path would differ from one
 * machine to the next.
 */
export function callerLocation(projectFolder: string): SourceLocation | undefined {
  for (const depth of STACK_DEPTHS) {
    const site = callSites(depth).find(isUserCode);
    if (site === undefined) continue;
    return within(projectFolder, placeOf(site));
  }
  return undefined;
}

/** What V8 offers for stack traces. */
interface StackTraces {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: Error, sites: NodeJS.CallSite[]) => unknown) | undefined;
}

const traces: StackTraces = Error;

function callSites(depth: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit, prepareStackTrace } = traces;
  const holder: { stack?: readonly NodeJS.CallSite[] } = {};
  Object.assign(traces, { stackTraceLimit: depth, prepareStackTrace: (_: Error, sites: unknown) => sites });
  try {
    Error.captureStackTrace(holder, callerLocation);
    return holder.stack ?? [];
  } finally {
    Object.assign(traces, { stackTraceLimit, prepareStackTrace });
  }
}

const ownFolder = `${join(__dirname, '..')}${sep}`;

function isUserCode(site: NodeJS.CallSite): boolean {
  const file = fileOf(site.getFileName());
  return file !== undefined && !file.startsWith(ownFolder) && !file.split(/[\\/]/).includes('node_modules');
}

/** The path of a file; undefined for what is part of Node, or was never a file. */
function fileOf(name: string | null | undefined): string | undefined {
  if (typeof name !== 'string') return undefined;
  const path = name.startsWith('file:') ? fileURLToPath(name) : name;
  return isAbsolute(path) ? path : undefined;
}

/** One line of code often makes many objects. */
const places = new Map<string, Place>();

function placeOf(site: NodeJS.CallSite): Place {
  const [name, line, column] = [
    site.getFileName() ?? '',
    site.getLineNumber() ?? 1,
    site.getColumnNumber() ?? 1,
  ];
  const key = `${name}:${line}:${column}`;
  const known = places.get(key);
  if (known !== undefined) return known;
  const raw = { file: fileOf(name) ?? name, line };
  const place =
    bySourceMap(findSourceMap(name), name, line, column) ??
    byLoader(site, raw) ??
    byMapFile(raw, column) ??
    raw;
  places.set(key, place);
  return place;
}

/**
 * @param map that of the running file, as Node knows it (`--enable-source-maps`, tsx)
 * @param name of the running file, to which the map's sources are relative
 */
function bySourceMap(
  map: SourceMap | undefined,
  name: string,
  line: number,
  column: number,
): Place | undefined {
  const entry = map?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return undefined;
  const source = entry.originalSource;
  const file = fileOf(source) ?? resolve(dirname(fileOf(name) ?? name), source);
  return { file, line: entry.originalLine + 1 };
}

/** A loader of TypeScript such as ts-node puts its own function here, which knows the lines of the sources. */
function byLoader(site: NodeJS.CallSite, raw: Place): Place | undefined {
  const text: unknown = traces.prepareStackTrace?.(new Error(), [site]);
  const found = typeof text === 'string' ? /\(?([^()\s][^()\n]*):(\d+):\d+\)?\s*$/.exec(text) : null;
  const file = fileOf(found?.[1]?.replace(/^.*?at (?:.* \()?/, ''));
  const line = Number(found?.[2]);
  const isRaw = file === raw.file && line === raw.line;
  return file === undefined || isRaw ? undefined : { file, line };
}

/** The map that a compiler wrote beside the file, or into it. */
function byMapFile({ file, line }: Place, column: number): Place | undefined {
  const map = mapOf(file);
  return map && bySourceMap(map.map, map.file, line, column);
}

interface FoundMap {
  readonly map: SourceMap;
  /** What the sources are relative to. */
  readonly file: string;
}

const maps = new Map<string, FoundMap | undefined>();

function mapOf(file: string): FoundMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

function readMap(file: string): FoundMap | undefined {
  if (!/\.[cm]?js$/.test(file)) return undefined;
  try {
    const url = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(file, 'utf8'))?.[1];
    if (url === undefined) return undefined;
    const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(url)?.[1];
    const mapFile = inline === undefined ? resolve(dirname(file), decodeURIComponent(url)) : file;
    const text =
      inline === undefined ? readFileSync(mapFile, 'utf8') : Buffer.from(inline, 'base64').toString();
    const payload = JSON.parse(text) as SourceMapPayload;
    const root = (payload as { readonly sourceRoot?: string }).sourceRoot ?? '';
    return { map: new SourceMap(payload), file: resolve(dirname(mapFile), root, 'map') };
  } catch {
    return undefined;
  }
}

const realFolders = new Map<string, string>();

/** Files are loaded by their real paths. */
function realFolder(folder: string): string {
  const known = realFolders.get(folder);
  if (known !== undefined) return known;
  let real = folder;
  try {
    real = realpathSync(folder);
  } catch {
    // It is only compared with.
  }
  realFolders.set(folder, real);
  return real;
}

function within(folder: string, { file, line }: Place): SourceLocation | undefined {
  const path = relative(realFolder(folder), file);
  if (path === '' || isAbsolute(path) || path.split(sep)[0] === '..') return undefined;
  return { file: path.split(sep).join('/'), line };
}
