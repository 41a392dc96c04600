#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { textForPeople } from '../model/errors';
import { brokerCommand } from './broker';

/** Exit code of everything that failed; help and version end with 0. */
const FAILED = 1;

async function main(args: readonly string[]): Promise<number> {
  const program = new Command('cdktf-memphis')
    .description('Memphis.dev from code: a local broker, and checks of what is deployed.')
    .exitOverride()
    .addCommand(brokerCommand());
  // Commands do not inherit it.
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride();
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`cdktf-memphis: ${textForPeople(error, 'run the command')}\n`);
    return FAILED;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
