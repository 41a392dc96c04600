import { globMatcher } from '../../../model/globs';

/** The argument by which objects are chosen by their names. */
export const namePattern = {
  name: 'name_pattern',
  description:
    'Glob of the names to list: `*` stands for any characters, `?` for one, `{a,b}` for either. Case does not matter. Default: all.',
};

/** Whether a name fits a glob; no glob fits every name. */
export function matcherOf(pattern: string | undefined): (name: string) => boolean {
  return globMatcher(pattern === undefined || pattern === '' ? [] : [pattern]);
}
