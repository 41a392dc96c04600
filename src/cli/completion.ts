import type { Option } from 'commander';
import { Argument, Command } from 'commander';

import { completionScripts } from './completion-scripts';
import { withExamples } from './examples';

/** `cdktf-memphis completion SHELL`: the script that makes a shell complete this command line. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .description('Print the script that makes a shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(completionScripts)))
    .action((shell: keyof typeof completionScripts) => {
      process.stdout.write(completionScripts[shell]);
    });
  return withExamples(command, [
    ['bash: complete in this shell', 'source <(cdktf-memphis completion bash)'],
    ['bash: complete in every new shell', 'cdktf-memphis completion bash >> ~/.bashrc'],
    ['zsh: complete in every new shell', 'cdktf-memphis completion zsh >> ~/.zshrc'],
    [
      'fish: complete in every new shell',
      'cdktf-memphis completion fish > ~/.config/fish/completions/cdktf-memphis.fish',
    ],
  ]);
}

/**
 * `cdktf-memphis complete -- WORDS`: what those scripts call on every Tab.
 * @param wholeProgram makes every command with its options
 */
export function completeCommand(wholeProgram: () => Command): Command {
  return new Command('complete')
    .description('Print what can follow; the scripts of `completion` call it.')
    .argument('[words...]', 'the words of the command line until now')
    .action((words: string[]) => {
      const { candidates, mayBeFile } = completionsOf(wholeProgram(), words);
      const lines = candidates.map(([value, description]) => `${value}\t${description}\n`);
      process.stdout.write(`${lines.join('')}${mayBeFile ? ':files\n' : ''}`);
    });
}

interface Completions {
  readonly candidates: readonly (readonly [value: string, description: string])[];
  /** True when the shell completes names of files where no candidate fits. */
  readonly mayBeFile: boolean;
}

/**
 * What can stand in the place of the last word.
 * @param words after the name of the program; the last one is what was typed of the word to complete, maybe nothing
 */
export function completionsOf(program: Command, words: readonly string[]): Completions {
  const { command, operands, valueOf } = readWords(program, words.slice(0, -1));
  const last = words.at(-1) ?? '';
  const current = last === '=' && valueOf !== undefined ? '' : last;
  const inWord = /^(--[^=]+)=/.exec(current);
  const option = inWord === null ? valueOf : optionOf(command, inWord[1] ?? '');
  if (option !== undefined) {
    const prefix = inWord === null ? '' : inWord[0];
    return starting(current, {
      candidates: (option.argChoices ?? []).map((choice) => [`${prefix}${choice}`, ''] as const),
      mayBeFile: namesFile(option.flags),
    });
  }
  const help = command.createHelp();
  if (current.startsWith('-')) {
    const visible = help.visibleOptions(command);
    return starting(current, {
      candidates: visible.map(({ long, short, description }) => [long ?? short ?? '', description] as const),
      mayBeFile: false,
    });
  }
  const commands = operands === 0 ? help.visibleCommands(command) : [];
  const argument = command.registeredArguments[operands] ?? lastIfVariadic(command.registeredArguments);
  return starting(current, {
    candidates: [
      ...commands.map((each) => [each.name(), help.subcommandDescription(each)] as const),
      ...(argument?.argChoices ?? []).map((choice) => [choice, ''] as const),
    ],
    mayBeFile: argument !== undefined && namesFile(argument.name()),
  });
}

/** The command that the words have reached, how many operands it has, and the option whose value comes next. */
function readWords(program: Command, words: readonly string[]) {
  let command = program;
  let operands = 0;
  let valueOf: Option | undefined;
  for (const word of words) {
    // Bash hands on \`--out=FILE\` as three words.
    if (word === '=' && valueOf !== undefined) continue;
    if (valueOf !== undefined) {
      const isValue = valueOf.required || !word.startsWith('-');
      valueOf = undefined;
      if (isValue) continue;
    }
    if (word.startsWith('-')) {
      const option = word.includes('=') ? undefined : optionOf(command, word);
      if (option?.required === true || option?.optional === true) valueOf = option;
      continue;
    }
    // `help broker st` goes the way of `broker st`.
    if (operands === 0 && word === 'help' && command.commands.length > 0) continue;
    const next = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (next === undefined) operands += 1;
    else command = next;
  }
  return { command, operands, valueOf };
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short);
}

function lastIfVariadic(list: readonly Argument[]): Argument | undefined {
  const last = list.at(-1);
  return last?.variadic === true ? last : undefined;
}

/** True for `--out <file>` and `[dir]`, by the word for the value. */
function namesFile(words: string): boolean {
  return /\b(file|folder|dir|directory|path)s?\b/i.test(words.replace(/^.*(?=[<[])/, ''));
}

function starting(current: string, { candidates, mayBeFile }: Completions): Completions {
  return { candidates: candidates.filter(([value]) => value.startsWith(current)), mayBeFile };
}
