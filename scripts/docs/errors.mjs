/** The page of all errors, in the order of their codes. */
export function errorsPage(guide) {
  const entries = Object.entries(guide).sort(([left], [right]) => (left < right ? -1 : 1));
  return `# Errors

<!-- Generated from src/model/errors.ts and src/model/error-guide.ts by \`npm run docs\`. -->

Every error that this package throws on purpose is a \`MemphisError\`: a class for each meaning, with a stable \`code\`. Its
message says what was attempted, what came back and what to do next; the three are also there as \`attempted\`, \`found\` and
\`next\`. Terraform shows the code at the end of the error. No message holds a secret.

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
${entries.map(([code, { meaning, example }]) => `| [\`${code}\`](#${code.toLowerCase()}) | \`${example.name}\` | ${meaning} |`).join('\n')}

${entries.map(([code, entry]) => section(code, entry)).join('\n\n')}
`;
}

function section(code, { meaning, causes, remedy, example }) {
  return `## ${code}

${meaning} Class \`${example.name}\`.

Causes:

${causes.map((cause) => `- ${cause}`).join('\n')}

What to do: ${remedy}

\`\`\`text
${example.message.trimEnd()}
\`\`\``;
}
