/** Every command that does something, as a user types it. */
function leaves(command, name) {
  if (command.commands.length === 0) return [{ name, command }];
  return command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`));
}

const cell = (text) => text.replaceAll('|', '\\|');

/** One command: what it is for, its arguments and options, and its examples. */
function section({ name, command }, examplesOf) {
  const help = command.createHelp();
  const terms = [
    ...help
      .visibleArguments(command)
      .map((each) => [help.argumentTerm(each), help.argumentDescription(each)]),
    ...help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((each) => [help.optionTerm(each), help.optionDescription(each)]),
  ];
  const table = terms.map(([term, what]) => `| \`${cell(term)}\` | ${cell(what)} |`).join('\n');
  const examples = examplesOf(command).map(([what, line]) => `# ${what}\n${line}`);
  return `## ${name}

${command.description()}

${table === '' ? '' : `| | |\n| --- | --- |\n${table}\n`}
\`\`\`sh
${examples.join('\n')}
\`\`\`
`;
}

/**
 * The page of all commands.
 * @param program the whole command line
 * @param examplesOf gives the examples of a command
 */
export function commandLinePage(program, examplesOf) {
  const list = program.commands.map((each) => `| \`${each.name()}\` | ${cell(each.summary())} |`);
  const sections = leaves(program, program.name()).map((each) => section(each, examplesOf));
  return `# The command line

<!-- Generated from the commands in src/cli by \`npm run docs\`. -->

\`npx cdktf-memphis COMMAND\` runs in every project that has the package. \`--help\` prints what is on this page.

| command | |
| --- | --- |
${list.join('\n')}

The broker is the one that the \`MEMPHIS_\` variables name: \`MEMPHIS_HOST\`, \`MEMPHIS_USERNAME\` and \`MEMPHIS_PASSWORD\`;
[reference/provider.md](reference/provider.md) lists all of them.

Data goes to stdout, everything else to stderr. The exit code of every command:

| code | meaning |
| --- | --- |
| 0 | done; nothing differs, every expectation is met |
| 1 | the command failed |
| 2 | something differs, or an expectation is not met |
| 3 | the broker cannot be reached or refused the login, or settings are missing that say where it is |

A command that fails says in one line what went wrong and what to do. \`DEBUG=cdktf-memphis\` adds where it happened.

${sections.join('\n')}`;
}
