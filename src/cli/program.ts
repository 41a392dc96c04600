import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

import { nearestNames } from '../model/unknown-names';
import { commandsFor, lazyCompleteCommand } from './commands';

/**
 * The whole command line.
 * @param args loads the commands that they name; `all` loads every command
 */
export function programFor(args: readonly string[] | 'all'): Command {
  const program = new Command('cdktf-memphis')
    .description('Memphis.dev from code: a local broker, and checks of what is deployed.')
    .version(packageVersion(), '-V, --version', 'print the version of this package');
  for (const command of commandsFor(args)) program.addCommand(command);
  if (args[0] === 'complete') program.addCommand(lazyCompleteCommand(() => programFor('all')));
  configure(program, program.name());
  return program;
}

/**
 * Prints the help that `help COMMAND` asks for, also of a command below another. Commander itself knows one level, and
 * answers a misspelt command with its usage alone.
 * @throws CommanderError when the arguments ask for help, after the help or the error was printed
 */
export function answerHelp(program: Command, args: readonly string[]): void {
  const at = args.indexOf('help');
  if (at === -1 || args.some((word) => word.startsWith('-'))) return;
  let command = program;
  for (const word of [...args.slice(0, at), ...args.slice(at + 1)]) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined && command.commands.length === 0) return;
    if (next === undefined) {
      const known = command.commands.map((each) => each.name());
      const [nearest] = nearestNames(word, known);
      const hint = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`;
      command.error(`cdktf-memphis: unknown command '${word}'${hint}`);
    } else command = next;
  }
  command.help();
}

/** The version of this package. */
export function packageVersion(): string {
  const manifest = path.join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}

/** Settings that commands do not inherit when they are added. */
function configure(command: Command, path: string): void {
  command
    .exitOverride()
    .helpOption('-h, --help', 'print this help')
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'cdktf-memphis: ')),
    })
    .showHelpAfterError(`Run ${path} --help for all commands and options.`);
  if (command.commands.length > 0) command.helpCommand('help [command]', 'print the help of a command');
  for (const each of command.commands) configure(each, `${path} ${each.name()}`);
}
