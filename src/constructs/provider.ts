import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import type { ConnectionSettings } from '../model/connection';
import { resolveConnection } from '../model/connection';
import type { ConnectionSetting } from '../model/environment';
import { environmentVariables, isEnvPrefix } from '../model/environment';
import { ValidationError } from '../model/errors';
import { fieldNames, terraformName } from '../model/field';
import { PROVIDER_ADDRESS, PROVIDER_TYPE } from '../model/provider-address';
import type { StationDefaults } from '../model/station-defaults';
import { stationDefaultFields, stationDefaultRules } from '../model/station-defaults';
import { problemsOf } from '../model/validation';
import { hclAttribute, renderedAttributes } from './attributes';
import {
  TerraformProvider,
  TerraformStack,
  Token,
  isUnresolved,
  requiredProviders,
  validateAtSynth,
  warn,
  writeAtSynth,
} from './framework';
import { givenProps } from './given-props';
import type { Inputs, Settable } from './inputs';
import { addInputs, addSettable } from './inputs';
import { declaredThroughBoth } from './one-broker';
import { mergeLockFile } from './lock-file';
import { packageVersion, readProviderManifest } from './package-files';
import { writePluginMirror } from './plugin-mirror';
import { SMOKE_DIRECTORY, smokeTestsInStack } from './smoke-files';

/**
 * Where the broker is and how to log in. Everything is optional: what is left out comes, when the stack is deployed,
 * from the environment variable that stands at each property.
 */
export interface MemphisProviderProps {
  /**
   * Host name or address of the broker.
   * @default MEMPHIS_HOST
   */
  readonly host?: string;

  /**
   * Port of the broker for clients, 1 to 65535.
   * @default MEMPHIS_PORT, or 6666
   */
  readonly port?: number;

  /**
   * Address of the REST API, starting with http:// or https://.
   * @default MEMPHIS_REST_URL, or http://HOST:9000
   */
  readonly restUrl?: string;

  /**
   * Account id, for Memphis.dev Cloud.
   * @default MEMPHIS_ACCOUNT_ID, or 1
   */
  readonly accountId?: string;

  /**
   * User name, for clients and for the REST API.
   * @default MEMPHIS_USERNAME
   */
  readonly username?: string;

  /**
   * Password of that user. A literal one is written into `cdk.tf.json` and gives a warning at synth; leave it out, or
   * give a Terraform variable that is `sensitive`.
   * @default MEMPHIS_PASSWORD
   */
  readonly password?: string;

  /**
   * Token for brokers in connection-token mode, used instead of the password on the client port. A literal one gives a
   * warning at synth, as with `password`.
   * @default MEMPHIS_CONNECTION_TOKEN
   */
  readonly connectionToken?: string;

  /**
   * User name for the REST API, where it is another one.
   * @default MEMPHIS_REST_USERNAME, or the user name
   */
  readonly restUsername?: string;

  /**
   * Password for the REST API, where it is another one. A literal one gives a warning at synth, as with `password`.
   * @default MEMPHIS_REST_PASSWORD, or the password
   */
  readonly restPassword?: string;

  /**
   * Path of the certificate authority (PEM) that the broker is trusted by; a relative path starts at the directory of
   * the synthesised stack.
   * @default MEMPHIS_CA_FILE
   */
  readonly caFile?: string;

  /**
   * Path of the client certificate (PEM); see `caFile` for relative paths.
   * @default MEMPHIS_CERT_FILE
   */
  readonly certFile?: string;

  /**
   * Path of the client key (PEM); see `caFile` for relative paths.
   * @default MEMPHIS_KEY_FILE
   */
  readonly keyFile?: string;

  /**
   * What stands before the names of the environment variables of this broker: with `STAGING_` it is described by
   * `STAGING_MEMPHIS_HOST`, `STAGING_MEMPHIS_PASSWORD` and so on, and by no variable without it. Capital letters, digits
   * and `_`, with `_` at its end.
   * @default nothing
   */
  readonly envPrefix?: string;

  /**
   * Permits to deploy onto another broker than the one that the state was made with. The objects of the state are then
   * looked for, and made, on the new broker; those on the old one stay as they are.
   * @default false: a run that reaches another broker fails and names both
   */
  readonly allowBrokerChange?: boolean;

  /**
   * What `allowMessageLoss` is on the provider's stations that do not set it themselves. It counts in the same run, also
   * for a destroy: set it to remove an environment that holds messages.
   * @default false
   */
  readonly allowMessageLoss?: boolean;

  /**
   * What `deletionProtection` is on the provider's stations that do not set it themselves. It counts in the same run.
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * The tags of the provider's stations that set none themselves. A station that sets tags has these alone. Tags that are
   * taken out here stay on the broker.
   * @default the tags of stations that set none are not managed
   */
  readonly tags?: readonly string[];

  /**
   * A second name, needed for each further provider of a stack. Resources then name their provider.
   * @default this is the provider of all resources that name none
   */
  readonly alias?: string;
}

/** Each prop as a property to set, such as `tags`, with `tagsInput`, and `resetTags()`, which leaves it out. */
export interface MemphisProvider
  extends
    Settable<Omit<MemphisProviderProps, 'alias' | 'envPrefix'>>,
    Inputs<Pick<MemphisProviderProps, 'envPrefix'>> {}

/**
 * The broker that a stack's stations, schemas and enforcements live on. Each stack needs one.
 *
 * Synth puts the provider program next to the stack, so that Terraform needs no registry for it.
 */
export class MemphisProvider extends TerraformProvider {
  /** Type of the provider in Terraform. */
  static readonly tfResourceType = PROVIDER_TYPE;

  #given: Partial<MemphisProviderProps>;

  constructor(scope: Construct, id: string, props: MemphisProviderProps = {}) {
    super(scope, id, {
      terraformResourceType: PROVIDER_TYPE,
      terraformGeneratorMetadata: { providerName: PROVIDER_TYPE, providerVersion: packageVersion() },
      terraformProviderSource: PROVIDER_ADDRESS,
    });
    const given = givenProps<MemphisProviderProps>(props, providerProps);
    this.#given = given.props;
    for (const name of settingNames) this.#warnAboutSecret(name);
    validateAtSynth(this, () => [
      ...given.problems,
      ...typedProps.flatMap((name) => typeProblem(name, this.#given[name]) ?? []),
      ...this.#aliasProblems(),
      ...declaredThroughBoth(this),
      ...this.#problems(),
      ...problemsOf(this.#stationDefaults, {
        fields: stationDefaultFields,
        rules: stationDefaultRules,
        isUnknown: isUnresolved,
        words: 'typescript',
      }),
    ]);
    writeAtSynth(this, (directory) => this.#writePlugin(directory));
  }

  /** @internal A prop as it is given now. */
  given<K extends keyof MemphisProviderProps>(name: K): MemphisProviderProps[K] | undefined {
    return this.#given[name];
  }

  /** @internal Changes a prop before synth, as an Aspect does; undefined leaves it out. */
  change<K extends keyof MemphisProviderProps>(name: K, value: MemphisProviderProps[K] | undefined): void {
    this.#given = { ...this.#given, [name]: value };
    const setting = settingNames.find((each) => each === name);
    if (setting !== undefined) this.#warnAboutSecret(setting);
  }

  /** @internal The settings as given; a value may be a token. */
  get settings(): Readonly<Partial<Record<ConnectionSetting, string | number>>> {
    return Object.fromEntries(
      settingNames.flatMap((name) => {
        const value = this.#usable(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  }

  get #stationDefaults(): StationDefaults {
    return stationDefaultsOf(this.#given);
  }

  /** A prop of a type that it may have. */
  #usable<K extends (typeof typedProps)[number]>(name: K): MemphisProviderProps[K] | undefined {
    const value = this.#given[name];
    return typeProblem(name, value) === undefined ? value : undefined;
  }

  /** What stands before the names of its environment variables; undefined when nothing does. */
  get envPrefix(): string | undefined {
    return this.#usable('envPrefix');
  }
  set envPrefix(value: string | undefined) {
    this.change('envPrefix', value);
  }

  /** The alias that resources of another provider refer to it by; undefined for the provider of all that name none. */
  override get alias(): string | undefined {
    return this.#usable('alias');
  }

  /** @internal */
  protected override synthesizeAttributes(): Record<string, unknown> {
    const envPrefix = this.#usable('envPrefix');
    const allowBrokerChange = this.#usable('allowBrokerChange');
    return {
      ...Object.fromEntries(
        Object.entries(this.settings).map(([name, value]) => [terraformName(name), value]),
      ),
      ...(envPrefix === undefined ? {} : { env_prefix: envPrefix }),
      ...(allowBrokerChange === undefined ? {} : { allow_broker_change: allowBrokerChange }),
      ...renderedAttributes(stationDefaultFields, this.#stationDefaults),
    };
  }

  /** @internal */
  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const settings: Record<string, unknown> = Object.fromEntries(
      Object.entries(this.settings).map(([name, value]) => [
        terraformName(name),
        hclAttribute(name === 'port' ? 'integer' : 'text', value),
      ]),
    );
    const change = this.#usable('allowBrokerChange');
    const envPrefix = this.#usable('envPrefix');
    const defaults = fieldNames(stationDefaultFields).flatMap((name) => {
      const value = this.#stationDefaults[name];
      return value === undefined
        ? []
        : [[terraformName(name), hclAttribute(stationDefaultFields[name].type, value)] as const];
    });
    return {
      ...settings,
      ...(envPrefix === undefined ? {} : { env_prefix: hclAttribute('text', envPrefix) }),
      ...Object.fromEntries(defaults),
      ...(change === undefined ? {} : { allow_broker_change: hclAttribute('flag', change) }),
    };
  }

  #warnAboutSecret(name: ConnectionSetting): void {
    const value = this.#usable(name);
    if (!environmentVariables[name].secret || value === undefined || isUnresolved(value)) return;
    warn(
      this,
      `${name} is a literal secret, which synth writes into cdk.tf.json. Leave it out and set ` +
        `${this.#usable('envPrefix') ?? ''}${environmentVariables[name].name} where the stack is deployed, or give a sensitive Terraform variable.`,
    );
  }

  /** Terraform tells the providers of a stack apart by their aliases. */
  #aliasProblems(): string[] {
    const [first] = TerraformStack.of(this)
      .node.findAll()
      .filter(
        (node) =>
          TerraformProvider.isTerraformProvider(node) &&
          node.terraformResourceType === PROVIDER_TYPE &&
          node.alias === this.alias,
      );
    const own = this.alias;
    if (own !== undefined && !isUnresolved(own) && !IDENTIFIER.test(own))
      return [
        `alias is ${JSON.stringify(own)}; it must start with a letter or _, and hold letters, digits, _ and - alone`,
      ];
    if (first === undefined || first === this) return [];
    const other = `the MemphisProvider ${JSON.stringify(first.node.path)}`;
    return [
      this.alias === undefined
        ? `alias is missing, and ${other} has none either; give each further provider of a stack an alias, and pass it as provider to what is on its broker`
        : `alias is ${JSON.stringify(this.alias)}, which ${other} has already; give each provider an alias of its own`,
    ];
  }

  #problems(): string[] {
    const { restUrl, ...others } = Object.fromEntries(
      Object.entries(this.settings).filter(([, value]) => !isUnresolved(value)),
    );
    const problems = Object.entries({ restUrl, ...others })
      .filter(([, value]) => value === '')
      .map(([name]) => `${name} is empty; give a value, or leave it out to use ${variableOf(name)}`);
    const envPrefix = this.#usable('envPrefix');
    if (envPrefix !== undefined && (isUnresolved(envPrefix) || !isEnvPrefix(envPrefix))) {
      problems.push(
        `envPrefix is ${JSON.stringify(envPrefix)}; it must be capital letters, digits and _, and end with _`,
      );
    }
    // Terraform for Windows starts .exe files only.
    if (process.platform === 'win32') {
      problems.push(
        'the provider does not run on Windows; run cdktf in the Windows Subsystem for Linux (WSL)',
      );
    }
    const hasCredentials = /^[a-z]+:\/\/[^/]*@/i.test(String(restUrl));
    if (hasCredentials) {
      // The value is not shown: it holds a secret, which would also get into the file of a smoke test.
      problems.push(
        'restUrl has a user name or password in it; take them out, and use username and password',
      );
    }
    try {
      resolveConnection({ ...completion, ...others, ...(hasCredentials ? {} : { restUrl }) }, {});
      return problems;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      return [...problems, ...error.problems.filter((problem) => !problem.includes(' is not set;'))];
    }
  }

  #writePlugin(directory: string): void {
    const stack = TerraformStack.of(this);
    const manifest = readProviderManifest();
    writePluginMirror(directory, manifest);
    mergeLockFile(directory, manifest, requiredProviders(stack));
    // Synth does not empty the directory of a stack: the files of a smoke test that is gone would stay for ever.
    if (smokeTestsInStack(stack).length === 0) {
      rmSync(join(directory, SMOKE_DIRECTORY), { recursive: true, force: true });
    }
  }
}

/** What Terraform takes as an alias. */
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

const settingNames = Object.keys(environmentVariables) as ConnectionSetting[];
/** The props that have one type each; those for all stations are checked by their table. */
const typedProps = [...settingNames, 'envPrefix', 'allowBrokerChange', 'alias'] as const;

const providerProps = {
  construct: 'MemphisProvider',
  names: [...settingNames, 'envPrefix', 'allowBrokerChange', 'alias', ...fieldNames(stationDefaultFields)],
  first: 'host',
};

// Terraform tells providers apart by their aliases, so that one keeps its own.
addInputs(MemphisProvider.prototype, ['envPrefix']);
addSettable(
  MemphisProvider.prototype,
  providerProps.names.filter((name) => name !== 'alias' && name !== 'envPrefix'),
);

/** The values for all stations, as given; those of wrong types are reported with the other problems. */
function stationDefaultsOf(props: Partial<MemphisProviderProps>): StationDefaults {
  const given = fieldNames(stationDefaultFields).map((name) => [name, props[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** The problem of a prop that is null or of a type that no setting has. The value may be a secret. */
function typeProblem(name: string, value: unknown): string | undefined {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  const isFlag = name === 'allowBrokerChange';
  const isRight = isFlag
    ? typeof value === 'boolean'
    : typeof value === 'string' || (typeof value === 'number' && (name === 'port' || name === 'accountId'));
  if (isRight) return undefined;
  const found = value === null ? 'null' : `of the type ${Array.isArray(value) ? 'list' : typeof value}`;
  const valid = isFlag ? 'true or false' : name === 'port' ? 'a number' : 'a string';
  return `${name} is ${found}; it must be ${valid}, or be left out`;
}

function variableOf(name: string): string {
  return environmentVariables[name as ConnectionSetting].name;
}

/** Stands in, while settings are checked, for what only the environment of the deploy has. */
const completion: ConnectionSettings = {
  host: 'from-environment',
  username: 'from-environment',
  password: 'from-environment',
  certFile: 'from-environment',
  keyFile: 'from-environment',
};
