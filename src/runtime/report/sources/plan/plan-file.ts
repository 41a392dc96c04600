import { readFile } from 'node:fs/promises';
import { EnvironmentError, ValidationError, errorText } from '../../../../model/errors';
import { JsonTextError, parseJsonText } from '../../../../schema/json-text';

/** Values by attribute; what is not known yet is absent. */
export type PlanValues = Readonly<Record<string, unknown>>;

/** What `terraform show -json` writes of a saved plan, as far as it is read here. OpenTofu writes the same. */
export interface PlanFile {
  readonly format_version: string;
  readonly timestamp?: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  /** What was there before the plan, and what its data sources read. */
  readonly prior_state?: { readonly values?: { readonly root_module?: ModuleState } };
  readonly configuration?: {
    readonly root_module?: ModuleConfiguration;
    readonly provider_config?: Readonly<Record<string, ProviderConfiguration>>;
  };
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  /** Planning ended with errors. */
  readonly errored?: boolean;
  /** False when Terraform put off a part of the work. */
  readonly complete?: boolean;
}

export interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly module_address?: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly provider_name: string;
  /** Set for an object that an earlier replacement left behind. */
  readonly deposed?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: PlanValues | null;
    readonly after: PlanValues | null;
    readonly after_unknown?: unknown;
    readonly before_sensitive?: unknown;
    readonly after_sensitive?: unknown;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
    readonly importing?: { readonly id?: string };
  };
  readonly action_reason?: string;
}

export interface ModuleState {
  readonly address?: string;
  readonly resources?: readonly ResourceState[];
  readonly child_modules?: readonly ModuleState[];
}

export interface ResourceState {
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly provider_name: string;
  readonly values?: PlanValues;
}

interface ModuleConfiguration {
  readonly resources?: readonly ResourceConfiguration[];
  readonly module_calls?: Readonly<Record<string, { readonly module?: ModuleConfiguration }>>;
}

interface ProviderConfiguration {
  readonly expressions?: Readonly<
    Record<string, { readonly constant_value?: unknown; readonly references?: readonly string[] }>
  >;
}

export interface ResourceConfiguration {
  readonly mode?: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly provider_config_key?: string;
  readonly expressions?: Readonly<Record<string, unknown>>;
  readonly provisioners?: readonly { readonly type: string; readonly expressions?: unknown }[];
}

/** What the configuration says about a resource. */
export function configurationOf(
  { configuration }: PlanFile,
  {
    module_address: path = '',
    mode,
    type,
    name,
  }: Pick<ResourceChange, 'module_address' | 'mode' | 'type' | 'name'>,
): ResourceConfiguration | undefined {
  const names = [...path.matchAll(/module\.([^.[]+)/g)].map(([, each = '']) => each);
  const module = names.reduce<ModuleConfiguration | undefined>(
    (outer, each) => outer?.module_calls?.[each]?.module,
    configuration?.root_module,
  );
  return module?.resources?.find(
    (each) => each.type === type && each.name === name && (each.mode ?? 'managed') === mode,
  );
}

/** The name of the provider of a resource in the configuration of its plan: `memphis`, `memphis.staging`. */
export function providerKeyOf(plan: PlanFile, resource: Parameters<typeof configurationOf>[1]): string {
  // The configuration no longer has a resource that is destroyed, whose provider is then most probably the one without alias.
  return configurationOf(plan, resource)?.provider_config_key ?? 'memphis';
}

/**
 * A flag of the provider that manages the resource of a change.
 * @returns undefined when it is not set; `unknown` when only Terraform can tell it.
 */
export function providerFlag(
  plan: PlanFile,
  change: ResourceChange,
  name: string,
): boolean | 'unknown' | undefined {
  const key = providerKeyOf(plan, change);
  const expression = plan.configuration?.provider_config?.[key]?.expressions?.[name];
  if (expression === undefined) return undefined;
  const [reference, ...more] = expression.references ?? [];
  const variable =
    more.length === 0 && reference?.startsWith('var.') === true ? reference.slice(4) : undefined;
  const value = variable === undefined ? expression.constant_value : plan.variables?.[variable]?.value;
  return typeof value === 'boolean' ? value : 'unknown';
}

/** Another major version may mean something else by the same names. */
const FORMAT_MAJOR = '1';

/**
 * Reads a plan.
 * @param file `-` for stdin
 * @throws EnvironmentError when it cannot be read; ValidationError when it is no plan in JSON.
 */
export async function readPlanFile(file: string): Promise<PlanFile> {
  const shown = file === '-' ? 'the plan on stdin' : `the plan ${file}`;
  const bytes = await (file === '-' ? bytesOfStdin() : readFile(file)).catch((error: unknown) => {
    throw new EnvironmentError({
      attempted: `read ${shown}`,
      found: errorText(error),
      next: 'Name a file that terraform show -json PLAN has written, or - for stdin',
      cause: error,
    });
  });
  return parsePlan(bytes, shown, file === '-' ? 'PLAN' : file);
}

async function bytesOfStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsePlan(bytes: Buffer, shown: string, file: string): PlanFile {
  const refuse = (problem: string): never => {
    throw new ValidationError(`read ${shown}`, [problem]);
  };
  const advice = `run terraform show -json ${file} > plan.json, or tofu show -json, and name that file`;
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') {
    return refuse(`it is a plan in Terraform's own form; ${advice}`);
  }
  // PowerShell writes redirected output with a byte order mark, and in its older versions as UTF-16.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return refuse(`it is empty; ${advice}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    if (text.startsWith('{"@level"')) return refuse(`it is the log of terraform plan -json; ${advice}`);
    return refuse(`it is not JSON (${placeOfError(text)}); ${advice}`);
  }
  const {
    format_version: version,
    values,
    resource_changes: changes,
  } = (json ?? {}) as Record<string, unknown>;
  if (typeof version !== 'string') return refuse(`it has no format_version; ${advice}`);
  if (version.split('.')[0] !== FORMAT_MAJOR) {
    return refuse(
      `its format_version is ${version}, and this version of cdktf-memphis reads ${FORMAT_MAJOR}.x; update cdktf-memphis`,
    );
  }
  if (changes === undefined && values !== undefined) {
    return refuse('it is a state, not a plan; run terraform plan -out PLAN, then terraform show -json PLAN');
  }
  return json as PlanFile;
}

function placeOfError(text: string): string {
  try {
    parseJsonText(text);
    return 'line 1, column 1';
  } catch (error) {
    return error instanceof JsonTextError ? error.message : errorText(error);
  }
}
