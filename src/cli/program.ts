import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from 'commander';

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
