import type { Command } from 'commander';

/** What it does, in a few words, and the line to type. */
export type Example = readonly [what: string, line: string];

const examplesByCommand = new WeakMap<Command, readonly Example[]>();

/** Ends the help of a command with examples. @returns the command */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  examplesByCommand.set(command, examples);
  const lines = examples.map(([what, line]) => `  # ${what}\n  ${line}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** The examples in the help of a command. */
export function examplesOf(command: Command): readonly Example[] {
  return examplesByCommand.get(command) ?? [];
}
