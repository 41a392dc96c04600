/** Files of a new project in the order in which a reader needs them, each with a sentence. */
const files = [
  ['orders-stack.ts', 'typescript', 'The stack: what the broker has to hold.'],
  ['order.schema.json', 'json', 'The schema that producers check every order against.'],
  ['main.ts', 'typescript', 'The program that cdktf runs.'],
  [
    'cdktf.json',
    'json',
    'How cdktf runs it. `projectId` is a new one in each project; the broker keeps it with what the project owns.',
  ],
  [
    'package.json',
    'json',
    'Versions that work together. TypeScript 7 does not work with many tools yet, so this one stays below it.',
  ],
  ['tsconfig.json', 'json', 'The settings of the type check.'],
  ['.gitignore', 'gitignore', 'What does not belong into a repository.'],
];

/**
 * The guide to the first stack.
 * @param project the content of each file of a new project, by name
 */
export function firstStackPage(project) {
  const shown = files.map(
    ([name, language, what]) =>
      `### ${name}\n\n${what}\n\n\`\`\`${language}\n${project[name].trimEnd()}\n\`\`\`\n`,
  );
  return `# The first stack

<!-- Generated from templates/ by \`npm run docs\`. -->

From an empty folder to stations on a broker. You need Node.js 20 or 22, and Terraform 1.5 or later; with OpenTofu 1.10 or later set
\`TERRAFORM_BINARY_NAME=tofu\`.

## Make the project

\`\`\`sh
npx cdktf-memphis init messaging
cd messaging
npm install
\`\`\`

\`init\` never overwrites a file: it names those that are in its way. \`--ci github\` or \`--ci gitlab\` adds pipelines that comment the plan,
deploy, smoke-test and report drift.

## Start a broker and deploy

\`\`\`sh
npx cdktf-memphis broker start --detach
export MEMPHIS_HOST=127.0.0.1 MEMPHIS_USERNAME=root MEMPHIS_PASSWORD=memphis
npx cdktf deploy orders
\`\`\`

This broker keeps its data in a temporary folder and loses it at its end; with \`--store ./broker\` it has the same data at its next start.

Terraform shows a plan and asks before it changes anything. At its end the smoke test sends an order through a copy of the station, and
checks that a wrong one is refused. If something does not work, \`npx cdktf-memphis doctor\` says why and what to do.

## Change something

Set \`retentionValue\` of the station \`orders\` to \`14 * DAY_IN_SECONDS\`, and deploy again: the station is changed in place, with its
messages. \`npx cdktf diff orders\` shows a plan without a deploy. Its second change, \`null_resource.smoke\`, is the smoke test that runs again:
Terraform shows it as a replacement, and nothing on the broker is removed ([reading-a-plan.md](reading-a-plan.md)).

## Clean up

\`\`\`sh
npx cdktf destroy orders
npx cdktf-memphis broker stop
\`\`\`

A station that holds messages is not destroyed, unless its declaration has \`allowMessageLoss: true\`; see [protection.md](protection.md).

## The files

${shown.join('\n')}
\`README.md\` says all of this in short.
`;
}
