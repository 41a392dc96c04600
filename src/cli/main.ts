#!/usr/bin/env node
import { CommanderError } from 'commander';

import { MemphisError, textForPeople } from '../model/errors';
import { exitCodeOf } from './exit-code';
import { answerHelp, programFor } from './program';

/** @returns the exit code of a command that failed; a command sets any other itself. */
async function main(args: readonly string[]): Promise<number | undefined> {
  try {
    const program = programFor(args);
    answerHelp(program, args);
    await program.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    // Commander has printed what is wrong.
    if (error instanceof CommanderError) return error.exitCode;
    return report(error);
  }
}

/** Prints an error for people. @returns its exit code */
function report(error: unknown): number {
  const text = textForPeople(error, 'run the command');
  if (isDebugging()) {
    const trace = error instanceof Error ? (error.stack ?? text) : text;
    process.stderr.write(`cdktf-memphis: ${text}\n${trace}\n`);
  } else {
    const hint = error instanceof MemphisError ? '' : ' Run again with DEBUG=cdktf-memphis to see where.';
    process.stderr.write(`cdktf-memphis: ${text}${hint}\n`);
  }
  return exitCodeOf(error);
}

function isDebugging(): boolean {
  return (process.env.DEBUG ?? '').split(/[\s,]+/).some((name) => name === 'cdktf-memphis' || name === '*');
}

/** Ends without a word when nobody reads any more: `cdktf-memphis list | head`. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.stderr.write(`cdktf-memphis: could not write: ${error.message}\n`);
  process.exit();
}

process.stdout.on('error', endOnClosedPipe);
process.stderr.on('error', () => undefined);
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => process.exit(report(error)));
}

void main(process.argv.slice(2)).then((code) => {
  if (code !== undefined) process.exitCode = code;
});
