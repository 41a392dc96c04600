import { PROVIDER_TYPE } from '../model/provider-address';
import { Construct } from 'constructs';
import type { JsonValue, SmokeTestConnection, SmokeTestSettings, SmokeTestSpec } from '../model/smoke-test';
import { partProblems, smokeTestFields } from '../model/smoke-test';
import type { FieldFacts } from '../model/field';
import { terraformName } from '../model/field';
import { schemaFields } from '../model/schema-declaration';
import { schemaEnforcementFields } from '../model/schema-enforcement';
import { stationFields } from '../model/station';
import { problemsOf } from '../model/validation';
import { environmentVariables } from '../model/environment';
import type { ITerraformDependable, TerraformMetaArguments, TerraformResource } from './framework';
import {
  TerraformStack,
  addNotes,
  builtInResource,
  collectsNoStackTraces,
  dependOn,
  hasToken,
  ensureNullProvider,
  isUnresolved,
  lateText,
  nameFromPath,
  nameInTerraform,
  nullResource,
  prepareAtSynth,
  runAlsoOn,
  validateAtSynth,
  writeAtSynth,
} from './framework';
import { assignedProblems } from './given-props';
import { NO_STATION, givenTestProps } from './given-smoke-test';
import type { Settable } from './inputs';
import { addSettable } from './inputs';
import { isRepeated } from './instances';
import { brokerOf, isMemphisResource } from './memphis-resource';
import type { IStation, NamedReference } from './named-object';
import { plainName } from './named-object';
import { readBundle, sha256 } from './package-files';
import { projectFolderOf } from './owner';
import type { MemphisProvider } from './provider';
import type { Schema } from './schema';
import { enforcementsOf } from './schema-enforcement';
import { sampleProblems } from './sample-problems';
import {
  SMOKE_DIRECTORY,
  SMOKE_RUNNER,
  markSmokeTest,
  smokeTestsInStack,
  writeSmokeTests,
} from './smoke-files';
import type { SettingOfClient } from './smoke-connection';
import { isPlainSetting, providerWithoutAlias, settingsOfClient } from './smoke-connection';
import type { SmokeTestProps } from './smoke-test-props';
import { readSampleFile, smokeTestPropNames } from './smoke-test-props';
import { callerLocation } from './source-location';
import type { Station } from './station';
import type { TestedObjects } from './tested-settings';
import { testedHash } from './tested-settings';

/** The props that the resource of a test is made with. */
const fixedProps = ['station', 'provider', 'dependsOn', 'sampleFile', 'runVia', 'rerunOn'] as const;

/** Each prop that can be changed until synth as a property, such as `messages`, with `messagesInput` and `resetMessages()`. */
export interface SmokeTest extends Settable<Omit<SmokeTestProps, (typeof fixedProps)[number]>> {}

/**
 * Sends messages through a station and reads them back, each time the stack is deployed and something about the
 * station, its schema or this test has changed. A failing test fails the deploy, and runs again with the next one.
 *
 * It is a `null_resource` (or `terraform_data`, see `runVia`) that runs `node` in the stack's directory; synth puts the program and its input there. It logs
 * in like the provider of the station: with the credentials that the provider is given, which Terraform hands to the
 * program when it runs, and else with those of the MEMPHIS_* environment of the process that deploys. They are written
 * nowhere, and Terraform hides the output of a program that is handed sensitive values. Needs the package
 * `@cdktf/provider-null`.
 *
 * @throws EnvironmentError when `@cdktf/provider-null` is not installed.
 */
export class SmokeTest extends Construct implements ITerraformDependable {
  /** @internal Name of the file that holds the test. */
  readonly specFile: string;
  #given: SmokeTestProps;
  #read: ReturnType<typeof givenTestProps>;
  readonly #fileProblems: readonly string[];
  readonly #resource: TerraformResource;
  readonly #fileSamples: readonly JsonValue[] | undefined;
  readonly #ownNames: ReadonlySet<string>;

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    this.#given = props;
    this.#read = givenTestProps(props);
    const file = typeof this.#props.sampleFile === 'string' ? readSampleFile(this.#props.sampleFile) : {};
    this.#fileSamples = file.samples;
    this.#fileProblems = file.problem === undefined ? [] : [file.problem];
    markSmokeTest(this);
    const { station, rerunOn, runVia } = this.#props;
    const resource = runVia === 'terraformData' ? builtInResource : nullResource;
    // The child's id is the one that the framework leaves out of addresses: null_resource.<id of this construct>.
    this.#resource = resource(this, 'Default', {
      environment: () => this.#environment(),
      command: lateText(() => `node ${SMOKE_DIRECTORY}/${SMOKE_RUNNER} ${SMOKE_DIRECTORY}/${this.specFile}`),
      triggers: {
        spec: lateText(() => sha256(this.specText) + WILL_RUN),
        runner: lateText(() => sha256(readBundle(SMOKE_RUNNER)) + WILL_RUN),
        tested: lateText(() => testedHash(this.#tested) + WILL_RUN),
        // Of several stations it would be a list, which is a problem that ends synth.
        ...(station.uid === undefined ? {} : { station: station.uid }),
        ...(rerunOn === undefined ? {} : { rerun_on: rerunOn }),
      },
    });
    const location = collectsNoStackTraces(this) ? undefined : callerLocation(projectFolderOf(this));
    if (location !== undefined) addNotes(this.#resource, location);
    const address = nameFromPath(this.#resource);
    this.specFile = `smoke-${address}.json`;
    // A plan shows little more than the address, and the test as something that is destroyed and created.
    if (!/smoke/i.test(address)) nameInTerraform(this.#resource, `smoke_test_${address}`);
    prepareAtSynth(this, () => {
      if (runVia !== 'terraformData') ensureNullProvider(TerraformStack.of(this));
      dependOn(this.#resource, this.#dependencies());
      runAlsoOn(this.#resource, this.#repairs());
    });
    this.#ownNames = new Set(Object.keys(this));
    validateAtSynth(this, () => this.#problems());
    writeAtSynth(this, (directory) => {
      const all = smokeTestsInStack(TerraformStack.of(this));
      // One of them writes the files of all.
      if (all[0] === this) writeSmokeTests(directory, all);
    });
  }

  /** The address of the test, for the `dependsOn` of what must wait until it has passed. */
  get fqn(): string {
    return this.#resource.fqn;
  }

  /** The station that is tested. */
  get station(): IStation {
    return this.#props.station;
  }

  get #props(): SmokeTestProps {
    return this.#read.props;
  }

  /** @internal A prop as it is given now. */
  given<K extends keyof SmokeTestProps>(name: K): SmokeTestProps[K] | undefined {
    return this.#props[name];
  }

  /** @internal Changes a prop before synth, as an Aspect does; undefined leaves it out. */
  change<K extends keyof SmokeTestProps>(name: K, value: SmokeTestProps[K] | undefined): void {
    this.#given = { ...this.#given, [name]: value };
    this.#read = givenTestProps(this.#given);
  }

  /** @internal The text of the file that the runner reads. */
  get specText(): string {
    return `${JSON.stringify(this.#spec(), null, 2)}\n`;
  }

  #spec(): SmokeTestSpec {
    const { failDeploy = true } = this.#props;
    const connection = this.#connection();
    const envPrefix = this.#provider()?.envPrefix;
    return {
      ...this.#settings(),
      ...this.#parts(),
      ...(failDeploy ? {} : { reportOnly: true }),
      ...(envPrefix === undefined ? {} : { envPrefix }),
      ...(Object.keys(connection).length === 0 ? {} : { connection }),
    };
  }

  /** What is sent and expected, as far as it is given. */
  #parts(): Partial<SmokeTestSpec> {
    const { sample, generate, invalidSample, invalidMessages, keys, headers, expect, load } = this.#props;
    const samples = this.#props.samples === undefined ? this.#fileSamples : this.#props.samples;
    const seeded = generate === true ? {} : generate === false ? undefined : generate;
    const parts = {
      sample,
      samples,
      generate: seeded,
      invalidSample,
      invalidMessages,
      keys,
      headers,
      expect,
      load,
    };
    return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  }

  #settings(): SmokeTestSettings {
    const { station, target, messages, rate, messageIds, consumerGroup, consumerGroups } = this.#props;
    const { maxMsgDeliveries, showPayloads, timeoutMs } = this.#props;
    const { enforcement } = this.#tested;
    const numbers = { target, messages, rate, messageIds, consumerGroup, consumerGroups, maxMsgDeliveries };
    const given = Object.entries({ ...numbers, showPayloads, timeoutMs }).filter(
      ([, value]) => value !== undefined,
    );
    return {
      name: nameFor(this.specFile.replace(/^smoke-|\.json$/g, '')),
      station: plainName(station),
      ...(enforcement === undefined ? {} : { schema: plainName(enforcement.enforcedSchema) }),
      ...Object.fromEntries(given),
    };
  }

  /** What the provider of the station knows and may be written down. */
  #connection(): SmokeTestConnection {
    return Object.fromEntries(this.#connectionSettings().filter(isPlainSetting));
  }

  /**
   * The rest of what the provider knows, as variables of the command: Terraform fills in the values when it runs the
   * command. So the test logs in as the provider does; what neither says comes from the environment of the deploy for both.
   */
  #environment(): Record<string, string | number> {
    const others = this.#connectionSettings().filter((setting) => !isPlainSetting(setting));
    const prefix = this.#provider()?.envPrefix ?? '';
    const variables = Object.fromEntries(
      others.map(([name, value]) => [prefix + environmentVariables[name].name, value]),
    );
    const { password, connectionToken } = environmentVariables;
    // As in `resolveConnection`, where the environment is known apart from what is given.
    const tokenName = prefix + connectionToken.name;
    const hasNoToken = prefix + password.name in variables && !(tokenName in variables);
    return { ...variables, ...(hasNoToken ? { [tokenName]: '' } : {}) };
  }

  #connectionSettings(): [SettingOfClient, string | number][] {
    const { settings = {} } = this.#provider() ?? {};
    return settingsOfClient.flatMap((name): [SettingOfClient, string | number][] => {
      const value = settings[name];
      return value === undefined ? [] : [[name, value]];
    });
  }

  /** The provider of the station; where it is not given, the one without alias of this stack, or of the station's. */
  #provider(): MemphisProvider | undefined {
    const { station, provider } = this.#props;
    const declared = isMemphisResource(station) ? station : undefined;
    const given = provider ?? declared?.provider;
    if (given !== undefined) return given as MemphisProvider;
    const stacks = [this, ...(declared === undefined ? [] : [declared])].map((node) =>
      TerraformStack.of(node),
    );
    for (const stack of stacks) {
      const found = providerWithoutAlias(stack);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Values of another stack are not known in this one; without them the test would log in somewhere else. */
  #providerProblems(): string[] {
    const provider = this.#provider();
    if (provider === undefined || TerraformStack.of(provider) === TerraformStack.of(this)) return [];
    const late = this.#connectionSettings().filter(([, value]) => isUnresolved(value));
    if (late.length === 0) return [];
    const path = JSON.stringify(provider.node.path);
    const names = late.map(([name]) => name).join(', ');
    return [
      `station is on the broker of ${path} in another stack, whose ${names} this stack cannot know; give a MemphisProvider of this stack as provider`,
    ];
  }

  #broker(): string {
    const { station, provider } = this.#props;
    return provider?.fqn ?? (isMemphisResource(station) ? brokerOf(station) : PROVIDER_TYPE);
  }

  get #tested(): TestedObjects {
    const { station } = this.#props;
    const declared = isMemphisResource(station) ? (station as unknown as Station) : undefined;
    // The station and its enforcement may each stand in this stack or in another one.
    const [enforcement] = [this, ...(declared === undefined ? [] : [declared])].flatMap((stackOf) =>
      enforcementsOf(stackOf, this.#broker(), plainName(station)),
    );
    const schema = enforcement?.enforcedSchema;
    return {
      station: declared,
      enforcement,
      schema: isDeclaredSchema(schema) ? schema : undefined,
    };
  }

  #dependencies(): ITerraformDependable[] {
    const { station, dependsOn = [] } = this.#props;
    const inStack = isMemphisResource(station) ? [station] : [];
    const enforcements = enforcementsOf(this, this.#broker(), plainName(station));
    // Another stack is deployed before this one as a whole; its parts cannot be depended on.
    const own = [...inStack, ...enforcements].filter(
      (resource) => TerraformStack.of(resource) === TerraformStack.of(this),
    );
    return [...own, ...dependsOn];
  }

  /** The attributes that a deploy changes when it repairs what the test tests, or makes a new version of the schema. */
  #repairs(): string[] {
    const { station, enforcement, schema } = this.#tested;
    const changeable = (resource: unknown, fields: Readonly<Record<string, FieldFacts>>): string[] => {
      if (!isMemphisResource(resource) || TerraformStack.of(resource) !== TerraformStack.of(this)) return [];
      const address = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
      return Object.entries(fields)
        .filter(([, { change }]) => change.how !== 'policy')
        .map(([name]) => `${address}.${terraformName(name)}`);
    };
    return [
      ...changeable(station, stationFields),
      ...changeable(enforcement, schemaEnforcementFields),
      ...changeable(schema, schemaFields),
    ];
  }

  #problems(): string[] {
    const { sample, invalidSample } = this.#props;
    const parts = this.#parts();
    const settings = this.#settings();
    const station = this.#props.station as IStation & TerraformMetaArguments;
    const { station: plain, ...others } = settings;
    const values = {
      ...others,
      ...(isRepeated(station) ? {} : { station: plain }),
      ...parts,
      sample,
      invalidSample,
    };
    const late = Object.entries(values).flatMap(([name, value]) =>
      // A sample is data: `${` in it means itself, so only values of the framework are looked for.
      hasToken(value) || (name in settings && isUnresolved(value))
        ? [
            `${name} is known only when the stack is deployed, but the test is written at synth; give a plain value`,
          ]
        : [],
    );
    const known = problemsOf(settings, { fields: smokeTestFields, isUnknown: isUnresolved }).filter(
      (problem) => this.#props.station !== NO_STATION || !problem.startsWith('station is '),
    );
    const own = [
      ...this.#read.problems,
      ...this.#fileProblems,
      ...(this.#props.samples !== undefined && this.#fileSamples !== undefined
        ? ['samples and sampleFile are both given; give one of them']
        : []),
      ...(Object.getPrototypeOf(this) === SmokeTest.prototype
        ? assignedProblems(this, this.#ownNames, this.#read.called)
        : []),
      ...this.#providerProblems(),
      ...(isRepeated(station) ? [severalStations(station)] : []),
      ...late,
      ...(late.length === 0 ? partProblems({ ...settings, ...parts }) : []),
    ];
    return [...own, ...known, ...(own.length === 0 ? sampleProblems(parts, this.#tested) : [])];
  }
}

addSettable(
  SmokeTest.prototype,
  smokeTestPropNames.filter((name) => !(fixedProps as readonly string[]).includes(name)),
);

/** What a plan says beside each value that makes a test run. */
const WILL_RUN = ' (will run the smoke test)';

function severalStations(station: IStation): string {
  const { path } = (station as unknown as TerraformResource).node;
  return (
    `station is ${JSON.stringify(path)}, which stands for several stations (forEach or count); give` +
    ` Station.fromName for one of them, and the construct in dependsOn`
  );
}

function isDeclaredSchema(schema: NamedReference | undefined): schema is NamedReference & Schema {
  return isMemphisResource(schema);
}

/** The name of a test on the broker, made of its address: what a consumer may be called, and not too long. */
function nameFor(address: string): string {
  const valid = address.toLowerCase().replace(/[^a-z0-9_.-]/g, '-');
  const short = valid.length <= 100 ? valid : `${valid.slice(0, 91)}-${sha256(address).slice(0, 8)}`;
  return short.replace(/^[._-]+|[._-]+$/g, '') || 'smoke';
}
