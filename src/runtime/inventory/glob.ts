import picomatch from 'picomatch';

/** Tells whether a name fits one of several glob patterns; without any pattern each name does. Case does not matter. */
export function anyGlob(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  return picomatch([...patterns], { nocase: true, dot: true });
}

/** Whether a pattern is the plain name of one object. */
export function isPlainName(pattern: string): boolean {
  return !picomatch.scan(pattern).isGlob;
}
