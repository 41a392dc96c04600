import { Command } from 'commander';

/* eslint-disable @typescript-eslint/no-require-imports -- a command is loaded when it is named; a real import() would start the loader of ES modules */

/** A command as the help lists it, and the way to everything else about it. */
interface CommandEntry {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** Loads its arguments, options and action. */
  readonly load: () => Command;
}

/** Every command, in the order of the help. To add one: one entry here, and `src/cli/NAME.ts`. */
const commandTable: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'make a project that deploys as it is',
    load: () => (require('./init') as typeof import('./init')).initCommand(),
  },
  {
    name: 'broker',
    summary: 'run a Memphis broker on this machine',
    load: () => (require('./broker') as typeof import('./broker')).brokerCommand(),
  },
  {
    name: 'report',
    summary: 'report what a saved Terraform plan is going to do',
    load: () => (require('./report') as typeof import('./report')).reportCommand(),
  },
  {
    name: 'doctor',
    summary: 'find out why a deploy does not work',
    load: () => (require('./doctor') as typeof import('./doctor')).doctorCommand(),
  },
  {
    name: 'smoke',
    summary: 'run the smoke tests of the synthesised stacks',
    load: () => (require('./smoke') as typeof import('./smoke')).smokeCommand(),
  },
  {
    name: 'drift',
    summary: 'compare what the stacks declare with their brokers',
    load: () => (require('./drift') as typeof import('./drift')).driftCommand(),
  },
  {
    name: 'completion',
    summary: 'print the script that makes a shell complete this command line',
    load: () => (require('./completion') as typeof import('./completion')).completionCommand(),
  },
  {
    name: 'list',
    summary: 'list the stations and schemas of a broker',
    load: () => (require('./list') as typeof import('./list')).listCommand(),
  },
  {
    name: 'export',
    summary: 'write the cdktf program for what is on a broker',
    load: () => (require('./export') as typeof import('./export')).exportCommand(),
  },
];

/**
 * The commands of the table. Those that the arguments do not name are listed in the help, but have no options yet: what
 * a command loads is paid for by its own users.
 * @param args of the command line, or `all`
 */
export function commandsFor(args: readonly string[] | 'all'): Command[] {
  return commandTable.map(({ name, summary, load }) => {
    const isNamed = args === 'all' || args.includes(name);
    return (isNamed ? load() : new Command(name)).summary(summary);
  });
}

/** The command that the scripts of `completion` call; no list has it. */
export function lazyCompleteCommand(wholeProgram: () => Command): Command {
  return (require('./completion') as typeof import('./completion')).completeCommand(wholeProgram);
}
