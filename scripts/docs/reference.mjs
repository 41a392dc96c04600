import { propsSection } from './construct-props.mjs';

const types = { text: 'string', integer: 'number', flag: 'boolean', textSet: 'string[]' };

const sources = {
  stream: "the broker's streams (`STREAM.LIST`), which hold the live configuration",
  row: 'the REST API of the broker',
  cluster: 'the settings of the broker, over its REST API',
  user: 'the list of all users, over the REST API of the broker',
  schema: 'the active version of the schema, over the REST API of the broker',
};

const generated = '<!-- Generated from src/model by `npm run docs`. -->';

/** The page of a construct and the resource behind it. */
export function resourcePage(construct, fields, resource, model, props) {
  const entries = Object.entries(fields);
  const described = entries.map(([name]) => name);
  const isProp = (name) => props.some((prop) => prop.name === name);
  const declared = new Set(entries.map(([name]) => model.terraformName(name)));
  const others = resource.attributes.filter(({ name }) => !declared.has(name));
  const holdsMessages = declared.has('allow_message_loss');
  return `# ${construct}

${generated}

${resource.description} In Terraform: \`${resource.typeName}\`, with the same words written with underscores.

${propsSection('Props', props, described)}

The construct also takes what every Terraform resource does: \`provider\`, \`dependsOn\`, \`lifecycle\`, \`forEach\` and \`count\`.

## Fields

| field | type | default | when it changes |
| --- | --- | --- | --- |
${entries.map(([name, field]) => `| [\`${name}\`](#${name.toLowerCase()}) | ${typeOf(field)} | ${defaultOf(field)} | ${shortChange(field)} |`).join('\n')}

${entries.map(([name, field]) => fieldSection(name, field, model, holdsMessages, isProp(name))).join('\n\n')}

## More attributes in Terraform

${others.map(({ name, description, ...given }) => `- \`${name}\`${noteOf(given)}: ${description}`).join('\n')}
`;
}

/** The page of the provider: where the broker is, from the configuration or the environment. */
export function providerPage(variables, provider, model, props) {
  const settings = Object.entries(variables);
  const known = new Set(settings.map(([name]) => model.terraformName(name)));
  const others = provider.attributes.filter(({ name }) => !known.has(name));
  return `# MemphisProvider

${generated}

Where the broker is and how to log in. Each setting can be given to \`MemphisProvider\`; what is left out is read from the
environment by the provider when the stack is planned or deployed, so that a stack needs no secret. A variable that is set
to nothing counts as not set. The command line and the smoke test read the same variables.

| setting | environment variable | meaning | secret |
| --- | --- | --- | --- |
${settings.map(([name, { name: variable, description, secret }]) => `| \`${name}\` | \`${variable}\` | ${description} | ${secret ? 'yes' : 'no'} |`).join('\n')}

${propsSection('Props', props, [])}

A secret that is written into the code gives a warning at synth, since it ends up in \`cdk.tf.json\`.

## Settings without a variable

${others.map(({ name, description }) => `- \`${camelCase(name)}\`: ${description}`).join('\n')}
`;
}

/** The page of what the file of a smoke test may say; the props of the construct have the same names. */
export function smokeTestPage(tables, model, sections) {
  const table = ({ title, text, fields }) => `## ${title}

${text}

| setting | value | default | meaning |
| --- | --- | --- | --- |
${Object.entries(fields)
  .map(([name, field]) => {
    const value = model.validValues(field).replace(/^must be /, '');
    return `| \`${name}\` | ${value.replaceAll('|', '\\|')} | ${defaultOf(field)} | ${field.description} |`;
  })
  .join('\n')}`;
  return `# SmokeTest

${generated}

The props of a smoke test, and what their values may be. The guide is [smoke-tests.md](../smoke-tests.md).

${sections.map(({ title, props }) => propsSection(title, props, [])).join('\n\n')}

${tables.map(table).join('\n\n')}
`;
}

/** The page of everything that can be looked up. */
export function dataSourcesPage(provider) {
  const section = ({ typeName, description, attributes }) => `## ${constructOf(typeName)}

${description} In Terraform: \`data "${typeName}"\`.

${attributes
  .map(({ name, description: meaning, required, optional }) => {
    const kind = required ? ' (required)' : optional ? ' (optional)' : ' (read only)';
    return `- \`${camelCase(name)}\`${kind}: ${meaning}`;
  })
  .join('\n')}`;
  return `# Data sources

${generated}

A data source looks something up on the broker while Terraform plans, whoever manages it. It changes nothing. In Terraform the
attributes are the same words written with underscores.

\`\`\`ts
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { DataMemphisStation, MemphisProvider } from 'cdktf-memphis';

const app = new App();
const stack = new TerraformStack(app, 'backlog');
new MemphisProvider(stack, 'memphis');
const orders = new DataMemphisStation(stack, 'orders', { name: 'orders' });
new TerraformOutput(stack, 'messages', { value: orders.messages });
new TerraformOutput(stack, 'groups', { value: orders.consumerGroups });
app.synth();
\`\`\`

${provider.dataSources.map(section).join('\n\n')}
`;
}

/** The page of what queries can list. */
export function listResourcesPage(provider) {
  const section = ({ typeName, description, attributes }) => `## ${typeName}

${description}

${attributes.map(({ name, description: meaning }) => `- \`${name}\` (optional): ${meaning}`).join('\n')}`;
  return `# List resources

${generated}

What \`terraform query\` of Terraform 1.14 or later can list, and the arguments of each \`config\` block. The guide is
[adopt-with-query.md](../adopt-with-query.md).

${provider.listResources.map(section).join('\n\n')}
`;
}

/** The page of the functions of the provider. */
export function functionsPage(provider) {
  const section = ({ name, summary, description, parameters, returns }) => {
    const method = camelCase(name);
    const typed = parameters.map((each) => `${each.name}: ${each.type.kind}`).join(', ');
    return `## ${method}

${summary}. ${description}

- in TypeScript: \`MemphisFunctions.${method}(${typed}): ${returns.kind}\`
- in Terraform: \`provider::memphis::${name}(${parameters.map((each) => each.name).join(', ')})\`
${parameters.map((each) => `- \`${each.name}\`: ${each.description}`).join('\n')}`;
  };
  return `# Functions

${generated}

Terraform 1.8 and OpenTofu 1.7 call functions of a provider while they plan. A function asks the broker for nothing; OpenTofu
connects the provider to it nevertheless. In TypeScript a function gives a plain value when its arguments are known at synth, which works with every version of Terraform; with a token, such as an
attribute of a resource, it gives a token that the provider computes. An argument that is not valid is an error that names
it: at once in TypeScript, in the plan for values that are known only then.

\`\`\`ts
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { MemphisFunctions, MemphisProvider, Station } from 'cdktf-memphis';

const app = new App();
const stack = new TerraformStack(app, 'orders');
new MemphisProvider(stack, 'memphis');
const orders = new Station(stack, 'orders', { name: 'orders.eu', partitionsNumber: 3 });
new TerraformOutput(stack, 'partition', { value: MemphisFunctions.partitionForKey('customer-7', 3) });
new TerraformOutput(stack, 'stream', { value: \`\${MemphisFunctions.internalName(orders.name)}$1\` });
app.synth();
\`\`\`

cdktn refuses functions of providers unless \`cdktf.json\` says that the project targets versions which have them:
\`"targetVersions": { "terraform": ">=1.8.0", "opentofu": ">=1.7.0" }\`.

In a configuration of your own, whose \`required_providers\` call the provider \`memphis\`:

\`\`\`hcl
output "partition" {
  value = provider::memphis::partition_for_key("customer-7", memphis_station.orders.partitions_number)
}
\`\`\`

${provider.functions.map(section).join('\n\n')}
`;
}

function constructOf(typeName) {
  const name = camelCase(typeName);
  return `Data${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function fieldSection(name, field, model, holdsMessages, isProp) {
  const loses = holdsMessages ? losesOf(field) : undefined;
  const facts = [
    ['In Terraform', `\`${model.terraformName(name)}\``],
    ...(isProp ? [] : [['Prop', 'none; the construct fills it in']]),
    ['Value', `${model.validValues(field).replace(/^must be /, '')}${enumerationNote(field, model)}`],
    ...(field.unit === undefined ? [] : [['Unit', field.unit]]),
    ['Default', defaultOf(field)],
    ['A change', changeOf(field)],
    ...(loses === undefined ? [] : [['Can lose messages', loses]]),
    ['Read from', field.read === undefined ? 'the declaration' : sources[field.read.from]],
  ];
  return `## ${name}

${field.description}

${facts.map(([label, text]) => `- ${label}: ${text}`).join('\n')}`;
}

function typeOf(field) {
  if (field.type !== 'choice') return types[field.type];
  return field.enumeration === undefined
    ? field.values.map((value) => `'${value}'`).join(' \\| ')
    : `\`${field.enumeration.name}\``;
}

function enumerationNote(field, { namesOfValues }) {
  if (field.enumeration === undefined) return '';
  return `; in TypeScript ${namesOfValues(field, 'typescript')
    .map((name) => `\`${name}\``)
    .join(', ')}`;
}

/** The default of a field as documents write it, in TypeScript's words. */
export function defaultOf(field) {
  if (field.required) return 'none, required';
  if (field.default === undefined) return field.absent ?? 'none';
  if (field.enumeration === undefined) return `\`${JSON.stringify(field.default)}\``;
  const { name, members } = field.enumeration;
  return `\`${name}.${Object.entries(members).find(([, value]) => value === field.default)[0]}\``;
}

function shortChange({ change }) {
  switch (change.how) {
    case 'replace':
      return 'replaces the object';
    case 'policy':
      return 'nothing on the broker';
    default:
      return change.loses === undefined ? 'in place' : 'in place; can lose messages';
  }
}

function changeOf({ change }) {
  switch (change.how) {
    case 'replace':
      return `forces replacement: ${change.why}`;
    case 'policy':
      return 'changes nothing on the broker; the value steers this tool only.';
    default:
      return 'happens in place; everything else stays.';
  }
}

function losesOf({ change }) {
  if (change.how === 'replace')
    return 'Yes, those of the object that is destroyed. Refused without `allowMessageLoss`.';
  if (change.how === 'inPlace' && change.loses !== undefined)
    return `${change.loses} Refused without \`allowMessageLoss\`.`;
  return undefined;
}

function camelCase(name) {
  return name.replace(/_([a-z])/g, (_match, letter) => letter.toUpperCase());
}

/** Who gives an attribute, where it is not the user who may. */
function noteOf({ required, optional }) {
  if (required) return ' (required)';
  return optional ? '' : ' (read only)';
}
