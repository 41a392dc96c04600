import { plural } from '../../../../model/error-text';
import { ValidationError } from '../../../../model/errors';
import { globMatcher } from '../../../../model/globs';
import type { Finding, ReportedObject } from '../../report';

/** What a report leaves out at the wish of the user. */
export interface Ignored {
  readonly objects: readonly ReportedObject[];
  readonly findings: readonly Finding[];
}

/**
 * Leaves out the objects that a pattern matches by name (`orders*`), kind and name (`schema/orders*`) or construct path
 * (`shop/orders/**`); case does not matter.
 * @throws ValidationError for a pattern that is empty.
 */
export function withoutIgnored(objects: readonly ReportedObject[], patterns: readonly string[]): Ignored {
  if (patterns.length === 0) return { objects, findings: [] };
  if (patterns.some((pattern) => pattern.trim() === ''))
    throw new ValidationError('read the patterns of --ignore', ['a pattern is empty; leave --ignore out']);
  const matchers = patterns.map((pattern) => ({
    pattern,
    matches: globMatcher([pattern]),
    count: 0,
  }));
  const isIgnored = ({ kind, name, declaration }: ReportedObject): boolean => {
    const texts = [name, `${kind}/${name}`, declaration?.constructPath ?? name];
    let found = false;
    for (const matcher of matchers) {
      if (!texts.some((text) => matcher.matches(text))) continue;
      matcher.count += 1;
      found = true;
    }
    return found;
  };
  const left = objects.filter((object) => !isIgnored(object));
  const unused = matchers.filter(({ count }) => count === 0).map(({ pattern }) => pattern);
  const findings: Finding[] = [];
  const ignored = objects.length - left.length;
  if (ignored > 0)
    findings.push(
      note(
        'IGNORED',
        `${ignored} of ${plural(objects.length, 'object')} ${ignored === 1 ? 'is' : 'are'} left out (--ignore).`,
      ),
    );
  if (unused.length > 0) {
    const named = unused.map((pattern) => JSON.stringify(pattern)).join(', ');
    findings.push(note('IGNORES_NOTHING', `No object matches --ignore ${named}.`));
  }
  return { objects: left, findings };
}

function note(code: string, message: string): Finding {
  return { severity: 'note', code, message };
}
