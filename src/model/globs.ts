import type picomatch from 'picomatch';

/** A dot is a character of names like any other, a leading `!` is not an operator, and case does not matter. */
const options = { dot: true, nonegate: true, nocase: true };

/** Loaded by the first pattern: most processes of a command match none. */
function library(): typeof picomatch {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle too
  return require('picomatch') as typeof picomatch;
}

/** Whether a name fits one of several globs (`*`, `?`, `{a,b}`); without any glob each name does. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  return patterns.length === 0 ? () => true : library()([...patterns], options);
}

/** Whether a pattern is the plain name of one object. */
export function isPlainName(pattern: string): boolean {
  return !library().scan(pattern).isGlob;
}
