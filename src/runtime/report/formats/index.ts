import path from 'node:path';

import type { Format, FormatName } from './format';
import { FORMAT_NAMES } from './format';

/* eslint-disable @typescript-eslint/no-require-imports -- a format is loaded when it is asked for; a real import() would start the loader of ES modules */

export { FORMAT_NAMES } from './format';
export type { Format, FormatName } from './format';

interface FormatEntry {
  /** By which a file name asks for it. */
  readonly extensions: readonly string[];
  readonly load: () => Format;
}

/** Every format of this version. To add one: a name in `format.ts`, one line here, and a file beside this one. */
const registry: Readonly<Partial<Record<FormatName, FormatEntry>>> = {
  text: { extensions: ['.txt'], load: () => (require('./text') as typeof import('./text')).text },
  json: { extensions: ['.json'], load: () => (require('./json') as typeof import('./json')).json },
  markdown: {
    extensions: ['.md'],
    load: () => (require('./markdown') as typeof import('./markdown')).markdown,
  },
  junit: { extensions: ['.xml'], load: () => (require('./junit') as typeof import('./junit')).junit },
  sarif: { extensions: ['.sarif'], load: () => (require('./sarif') as typeof import('./sarif')).sarif },
  html: { extensions: ['.html', '.htm'], load: () => (require('./html') as typeof import('./html')).html },
  prometheus: {
    extensions: ['.prom'],
    load: () => (require('./prometheus') as typeof import('./prometheus')).prometheus,
  },
};

/** The formats that this version prints, in the order of the help. */
export const availableFormats: readonly FormatName[] = FORMAT_NAMES.filter(
  (name) => registry[name] !== undefined,
);

/** Loads a format. */
export function formatNamed(name: FormatName): Format {
  const entry = registry[name];
  if (entry === undefined) throw new Error(`the format ${name} is not part of this version`);
  return entry.load();
}

/** The format that the extension of a file name asks for; undefined for one that none has. */
export function formatOfFile(file: string): FormatName | undefined {
  const extension = path.extname(file).toLowerCase();
  return availableFormats.find((name) => registry[name]?.extensions.includes(extension));
}

/** The extensions of formats: `.json`, `.md`. */
export function extensionsOf(names: readonly FormatName[]): string[] {
  return names.flatMap((name) => registry[name]?.extensions ?? []);
}
