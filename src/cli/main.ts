#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { textForPeople } from '../model/errors';
import { brokerCommand } from './broker';
import { exitCodeOf } from './exit-code';

/** @returns the exit code of a command that failed; a command sets any other itself. */
async function main(args: readonly string[]): Promise<number | undefined> {
  const program = new Command('cdktf-memphis')
    .description('Memphis.dev from code: a local broker, and checks of what is deployed.')
    .exitOverride()
    .addCommand(brokerCommand());
  // Commands do not inherit it.
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`cdktf-memphis: ${textForPeople(error, 'run the command')}\n`);
    return exitCodeOf(error);
  }
}

void main(process.argv.slice(2)).then((code) => {
  if (code !== undefined) process.exitCode = code;
});
