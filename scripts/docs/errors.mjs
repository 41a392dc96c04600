/**
 * The page of all errors, in the order of their codes.
 * @param examples errors that came in a test run, each with its code, its situation and its text
 */
export function errorsPage(guide, examples) {
  const entries = Object.entries(guide).sort(([left], [right]) => (left < right ? -1 : 1));
  return `# Errors

<!-- Generated from src/model/error-guide.ts and error-examples.json by \`npm run docs\`. -->

Every error that this package throws on purpose is a \`MemphisError\`: one class for each meaning, with a stable \`code\`. Its
message says what was attempted, what came back and what to do next. The same parts are in \`attempted\`, \`found\` and \`next\`;
\`problems\` lists everything that is wrong when there is more than one thing. Terraform prints the code at the end of the
error. No message contains a secret.

The examples are real: a test provokes each of them and compares the text. Only addresses, file paths and broker ids are replaced.

\`\`\`ts
import { Memphis, MemphisError } from 'cdktf-memphis/runtime';

try {
  await new Memphis().connect({ host: 'localhost', username: 'root', password: process.env.MEMPHIS_PASSWORD });
} catch (error) {
  if (error instanceof MemphisError && error.code === 'MEMPHIS_CONNECTION') console.error(error.next);
  else throw error;
}
\`\`\`

| code | class | meaning |
| --- | --- | --- |
${entries
  .map(
    ([
      code,
      {
        meaning,
        class: { name },
      },
    ]) => `| [\`${code}\`](#${code.toLowerCase()}) | \`${name}\` | ${meaning} |`,
  )
  .join('\n')}

${entries.map(([code, entry]) => section(code, entry, ofCode(examples, code))).join('\n\n')}
`;
}

function ofCode(examples, code) {
  const found = examples.filter((example) => example.code === code);
  if (found.length === 0) throw new Error(`${code} has no example; run \`npm run docs:errors\``);
  return found;
}

function section(code, { meaning, causes, remedy, class: { name } }, examples) {
  return `## ${code}

${meaning} Class \`${name}\`.

Causes:

${causes.map((cause) => `- ${cause}`).join('\n')}

What to do: ${remedy}

${examples.map(({ what, text }) => `Example: ${what}\n\n\`\`\`text\n${text}\n\`\`\``).join('\n\n')}`;
}
