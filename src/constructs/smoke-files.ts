import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IConstruct } from 'constructs';
import type { TerraformStack } from './framework';
import { readBundle } from './package-files';
import { writeWhenChanged } from './plugin-mirror';

/** Where smoke tests live in the directory of a stack; not hidden, since artifact uploads drop hidden files. */
export const SMOKE_DIRECTORY = 'cdktf-memphis';

/** The one-file program that runs a smoke test. */
export const SMOKE_RUNNER = 'smoke.cjs';

const SMOKE_MARK = Symbol.for('cdktf-memphis/SmokeTest');

/** A smoke test as it is written down next to a stack. */
export interface WrittenSmokeTest {
  /** Name of its file in the smoke directory. */
  readonly specFile: string;
  /** Its text. */
  readonly specText: string;
}

export function markSmokeTest(construct: IConstruct & WrittenSmokeTest): void {
  Object.defineProperty(construct, SMOKE_MARK, { value: true });
}

export function smokeTestsInStack(stack: TerraformStack): WrittenSmokeTest[] {
  return stack.node.findAll().filter((node): node is IConstruct & WrittenSmokeTest => SMOKE_MARK in node);
}

/** Writes the runner and the tests of a stack; files of tests that are gone are removed. */
export function writeSmokeTests(stackDirectory: string, tests: readonly WrittenSmokeTest[]): void {
  const directory = join(stackDirectory, SMOKE_DIRECTORY);
  mkdirSync(directory, { recursive: true });
  const wanted = new Map<string, Buffer | string>([
    [SMOKE_RUNNER, readBundle(SMOKE_RUNNER)],
    ...tests.map(({ specFile, specText }) => [specFile, specText] as const),
  ]);
  for (const name of readdirSync(directory)) {
    if (!wanted.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
  for (const [name, content] of wanted) writeWhenChanged(join(directory, name), content);
}
