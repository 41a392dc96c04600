/**
 * The one module that knows which framework the constructs are built on. Nothing else imports `cdktf`, and nothing
 * tests its classes with `instanceof`: the entry point `cdktf-memphis/cdktn` is this code with the name of that
 * framework put in (`scripts/build-cdktn.mjs`).
 */
import { join } from 'node:path';
import type * as nullProvider from '@cdktf/provider-null';
import type { Construct, IConstruct } from 'constructs';
import type {
  IResolvable,
  ITerraformDependable,
  Postcondition,
  Precondition,
  TerraformMetaArguments,
  TerraformResource,
  TerraformResourceLifecycle,
} from 'cdktf';
import {
  AnnotationMetadataEntryType,
  Aspects,
  DataResource,
  DISABLE_STACK_TRACE_IN_METADATA,
  Fn,
  Lazy,
  TerraformProvider,
  TerraformStack,
  Token,
  call,
  dependable,
  ref,
} from 'cdktf';
import { EnvironmentError, errorText } from '../model/errors';
import { literalText } from './attributes';

export {
  ImportableResource,
  TerraformDataSource,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  Token,
} from 'cdktf';
export type { IAspect, IResolvable, ITerraformDependable, TerraformMetaArguments } from 'cdktf';

/** The names of the props that every Terraform resource takes; one that is missing or new does not compile. */
export const metaArgumentNames = Object.keys({
  dependsOn: true,
  count: true,
  provider: true,
  lifecycle: true,
  forEach: true,
  provisioners: true,
  connection: true,
} satisfies Record<keyof TerraformMetaArguments, true>);

/** The names of the settings of `lifecycle`. */
export const lifecycleNames = Object.keys({
  createBeforeDestroy: true,
  preventDestroy: true,
  ignoreChanges: true,
  replaceTriggeredBy: true,
  precondition: true,
  postcondition: true,
} satisfies Record<keyof TerraformResourceLifecycle, true>);

/** The names of the settings of a condition in `lifecycle`. */
export const conditionNames = Object.keys({
  condition: true,
  errorMessage: true,
} satisfies Record<keyof Precondition | keyof Postcondition, true>);

/**
 * Whether a value is known only when the stack is deployed: a token, or a text with a Terraform expression in it.
 */
export function isUnresolved(value: unknown): boolean {
  return Token.isUnresolved(value) || (typeof value === 'string' && value.includes('${'));
}

/** Whether a value is, or holds, a value of the framework; an expression that a program wrote itself is not seen. */
export function hasToken(value: unknown): boolean {
  if (Token.isUnresolved(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasToken);
}

/**
 * Shows a warning when the stack is synthesised. The framework's own call records a stack trace, which holds paths
 * of this machine; the same note without one keeps the output equal on every machine.
 */
export function warn(construct: IConstruct, message: string): void {
  construct.node.addMetadata(AnnotationMetadataEntryType.WARN, message);
}

/** Whether the app collects no stack traces (`new App({ stackTraces: false })`). */
export function collectsNoStackTraces(construct: IConstruct): boolean {
  return construct.node.tryGetContext(DISABLE_STACK_TRACE_IN_METADATA) === true;
}

/** Reports problems of a construct together with those of all others, in one error at synth. */
export function validateAtSynth(construct: IConstruct, problems: () => string[]): void {
  construct.node.addValidation({ validate: problems });
}

/** The part of a synth session that the hook below uses. */
interface Session {
  readonly outdir: string;
  readonly manifest: { forStack(stack: TerraformStack): { readonly workingDirectory: string } };
}

/** Calls `write` once per synth with the directory that Terraform will run in, after all validations. */
export function writeAtSynth(construct: IConstruct, write: (stackDirectory: string) => void): void {
  const synthesis = {
    onSynthesize(session: Session): void {
      const { workingDirectory } = session.manifest.forStack(TerraformStack.of(construct));
      write(join(session.outdir, workingDirectory));
    },
  };
  Object.defineProperty(construct, Symbol.for('cdktf/customSynthesis'), { value: synthesis });
}

/** A provider that a stack needs: where it comes from and which version, as the stack says it. */
export interface RequiredProvider {
  readonly source: string;
  readonly version: string;
}

/** The providers that a stack's constructs ask for. */
export function requiredProviders(stack: TerraformStack): RequiredProvider[] {
  return stack.node.findAll().flatMap((node) => {
    if (!TerraformProvider.isTerraformProvider(node)) return [];
    const { providerVersion, providerVersionConstraint } = node.terraformGeneratorMetadata ?? {};
    const version = providerVersion ?? providerVersionConstraint;
    const source = node.terraformProviderSource;
    return source === undefined || version === undefined ? [] : [{ source, version }];
  });
}

/** What `nullResource` makes. */
export interface LocalCommand {
  /** The shell command; its working directory is that of the stack. */
  readonly command: string;
  /** The command runs again whenever one of these texts changes. */
  readonly triggers: Record<string, string>;
  /** Variables for the command, beside those of the process that deploys. They are in no state and no plan. */
  readonly environment: () => Readonly<Record<string, unknown>>;
}

/** The package of the null provider, which only some stacks need: it is loaded when the first of them asks for it. */
function nullProviderPackage(): typeof nullProvider {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import` would load it for every stack
    return require('@cdktf/provider-null') as typeof nullProvider;
  } catch (error) {
    const missing = new EnvironmentError({
      attempted: 'load @cdktf/provider-null, which runs smoke tests',
      found: `the package cannot be loaded: ${errorText(error).split('\n')[0] ?? ''}`,
      next: "Install it next to cdktf: npm install @cdktf/provider-null@11. Or set runVia: 'terraformData', which needs no package",
    });
    // Where it was thrown says nothing to whoever has to install a package.
    missing.stack = `${missing.name}: ${missing.message}`;
    throw missing;
  }
}

/** A `null_resource` that runs a command when the stack is deployed. */
export function nullResource(scope: Construct, id: string, config: LocalCommand): TerraformResource {
  const { resource } = nullProviderPackage();
  return new resource.Resource(scope, id, { triggers: config.triggers, ...commandArguments(config) });
}

/** The same with Terraform's built-in `terraform_data`, for machines that cannot get the null provider. */
export function builtInResource(scope: Construct, id: string, config: LocalCommand): TerraformResource {
  return new DataResource(scope, id, {
    triggersReplace: config.triggers,
    ...commandArguments(config),
  });
}

function commandArguments({ command, environment }: LocalCommand): TerraformMetaArguments {
  return { provisioners: [{ type: 'local-exec', command, environment: lateVariables(environment) }] };
}

/** What the framework writes of a resource in HCL, as far as it is changed here. */
interface HclResource {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, { lifecycle?: object }>>>>;
}

/** Makes a command run also when one of these attributes of other resources changes: `memphis_station.orders.replicas`. */
export function runAlsoOn(resource: TerraformResource, attributes: readonly string[]): void {
  if (attributes.length === 0) return;
  const lifecycle = { replaceTriggeredBy: [...attributes] };
  resource.lifecycle = lifecycle;
  const hcl = (): HclResource => {
    const prototype = Object.getPrototypeOf(resource) as TerraformResource;
    const written = prototype.toHclTerraform.call(resource) as HclResource;
    const own = written.resource?.[resource.terraformResourceType]?.[resource.friendlyUniqueId];
    // In HCL these are references. The framework would write strings, which Terraform refuses; what begins with a bracket it leaves alone.
    if (own !== undefined)
      own.lifecycle = { ...own.lifecycle, replace_triggered_by: `[${attributes.join(', ')}]` };
    return written;
  };
  Object.defineProperty(resource, 'toHclTerraform', { value: hcl });
}

/** Adds to the notes that the framework writes beside the configuration of a resource. */
export function addNotes(resource: TerraformResource, notes: object): void {
  const { metadata } = Reflect.get(resource, 'constructNodeMetadata') as { readonly metadata: object };
  Object.defineProperty(resource, 'constructNodeMetadata', {
    value: { metadata: { ...metadata, ...notes } },
  });
}

/** Variables that are made when the stack is written; nothing is written for none. */
function lateVariables(produce: LocalCommand['environment']): Record<string, string> {
  const value = Lazy.anyValue({
    produce: () => {
      const variables = produce();
      return Object.keys(variables).length === 0 ? undefined : variables;
    },
  });
  return value as unknown as Record<string, string>;
}

/** The name that the framework makes of the path of a resource. */
export function nameFromPath(resource: TerraformResource): string {
  return TerraformStack.of(resource).getLogicalId(resource);
}

/** Gives a resource another address than the one made of its path. */
export function nameInTerraform(resource: TerraformResource, name: string): void {
  resource.overrideLogicalId(name);
}

/** Makes Terraform create other things before a resource. */
export function dependOn(resource: TerraformResource, others: readonly ITerraformDependable[]): void {
  resource.dependsOn = others.map((other) => dependable(other));
}

/**
 * Calls `prepare` when the tree of the stack is complete and before it is validated and written; it may still add to
 * the stack.
 */
export function prepareAtSynth(construct: IConstruct, prepare: () => void): void {
  Aspects.of(construct).add({
    visit(node) {
      if (node === construct) prepare();
    },
  });
}

/** The SHA-256 that Terraform makes of values that are known only when the stack is deployed. */
export function deployedSha256(value: unknown): string {
  return Fn.sha256(Fn.jsonencode(value));
}

/** The call of a function that the provider computes when the stack is planned: `provider::memphis::NAME(...)`. */
export function providerFunctionCall(
  provider: string,
  name: string,
  values: readonly (string | number)[],
): IResolvable {
  return call(`provider::${provider}::${name}`, values.map(argumentOf));
}

/** An argument for the framework, which escapes neither the quotes nor the backslashes of plain text. */
function argumentOf(value: string | number): string | number | IResolvable {
  if (typeof value === 'number' || Token.isUnresolved(value)) return value;
  // An expression that the program wrote itself is one of Terraform's templates already.
  return ref(isUnresolved(value) ? `"${value}"` : JSON.stringify(literalText(value)));
}

/** A text that is made when the stack is written, from the complete tree. */
export function lateText(produce: () => string): string {
  return Lazy.stringValue({ produce });
}

/** Declares the null provider in a stack that has none. */
export function ensureNullProvider(stack: TerraformStack): void {
  const declared = stack.node
    .findAll()
    .some((node) => TerraformProvider.isTerraformProvider(node) && node.terraformResourceType === 'null');
  if (!declared) new (nullProviderPackage().provider.NullProvider)(stack, 'null-provider');
}

const importingApps = new WeakSet<IConstruct>();

/**
 * Declares an import. The framework adds a validation to each, which runs the Terraform binary to ask for its version; the
 * first one of an app is enough, and a thousand take a minute.
 * @param importFrom the framework's own method
 */
export function importWithOneVersionCheck(resource: TerraformResource, importFrom: () => void): void {
  const { node } = resource;
  if (importingApps.has(node.root)) node.addValidation = () => undefined;
  importingApps.add(node.root);
  try {
    importFrom();
  } finally {
    // Only the one of the instance.
    Reflect.deleteProperty(node, 'addValidation');
  }
}
