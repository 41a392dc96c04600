import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ErrorGuide } from '../../src/model/error-guide';
import { errorGuide } from '../../src/model/error-guide';
import type { ErrorParts } from '../../src/model/error-text';
import * as errors from '../../src/model/errors';

const source = resolve(__dirname, '../../src');

/** The names of the classes in errors.ts that can be thrown. */
const classes = Object.entries(errors).flatMap(([name, value]) =>
  value !== errors.MemphisError && value.prototype instanceof errors.MemphisError ? [name] : [],
);

/** The code of an error of a class, whatever its constructor takes. */
function codeOf(errorClass: ErrorGuide['class']): string {
  if (errorClass === errors.ValidationError) return new errors.ValidationError('try', []).code;
  if (errorClass === errors.PartialFailureError)
    return new errors.PartialFailureError('try', [], new Map()).code;
  return new (errorClass as new (parts: ErrorParts) => { code: string })({ attempted: 'try', found: '' })
    .code;
}

/** All of src but the guide, which throws nothing. */
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('error-guide.ts'))
  .map((path) => readFileSync(join(source, path), 'utf8'))
  .join('\n');

describe('the guide to the errors', () => {
  test('has one entry for every class, under its code', () => {
    const guides = Object.entries(errorGuide);
    expect(guides.map(([, guide]) => guide.class.name).sort()).toEqual([...classes].sort());
    expect(guides.map(([, guide]) => codeOf(guide.class))).toEqual(guides.map(([key]) => key));
  });

  test('gives each class a code of its own', () => {
    const codes = Object.values(errorGuide).map((guide) => codeOf(guide.class));
    expect(new Set(codes).size).toBe(classes.length);
    expect(codes.filter((each) => !/^MEMPHIS_[A-Z_]+$/.test(each))).toEqual([]);
  });

  test.each(Object.entries(errorGuide))('%s says meaning, causes and remedy in sentences', (_code, entry) => {
    expect(entry.causes.length).toBeGreaterThan(0);
    for (const text of [entry.meaning, entry.remedy, ...entry.causes]) expect(text).toMatch(/^[A-Z`].*\.$/s);
  });

  test.each(classes)('%s is made somewhere in the code', (name) => {
    expect(code).toContain(`new ${name}(`);
  });
});
