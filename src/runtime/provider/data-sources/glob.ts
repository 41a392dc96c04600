/** The argument by which objects are chosen by their names. */
export const namePattern = {
  name: 'name_pattern',
  description:
    'Glob of the names to list: `*` stands for any characters, `?` for one, `{a,b}` for either. Case does not matter. Default: all.',
};

/** Tells whether a name fits a glob; no glob fits every name. */
export function matcherOf(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true;
  // Most processes of a command look nothing up.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle too
  const picomatch = require('picomatch') as typeof import('picomatch');
  // A dot is a character of names like any other.
  return picomatch(pattern.toLowerCase(), { dot: true, nonegate: true });
}
