import { Construct } from 'constructs';
import { SchemaValidationError } from '../model/errors';
import type { JsonValue, SmokeTestConnection, SmokeTestSettings, SmokeTestSpec } from '../model/smoke-test';
import { smokeTestFields } from '../model/smoke-test';
import { problemsOf, shownValue } from '../model/validation';
import { environmentVariables } from '../model/environment';
import type { ITerraformDependable, TerraformMetaArguments, TerraformResource } from './framework';
import {
  TerraformProvider,
  TerraformStack,
  addNotes,
  collectsNoStackTraces,
  dependOn,
  hasToken,
  ensureNullProvider,
  isUnresolved,
  lateText,
  nullResource,
  prepareAtSynth,
  validateAtSynth,
  writeAtSynth,
} from './framework';
import type { GivenProps } from './given-props';
import { givenResourceProps } from './given-props';
import { isRepeated } from './instances';
import { PROVIDER_TYPE, brokerOf, isMemphisResource } from './memphis-resource';
import type { ISchema, IStation } from './named-object';
import { plainName, referenceProblems } from './named-object';
import { readBundle, sha256 } from './package-files';
import { projectFolderOf } from './owner';
import type { MemphisProvider } from './provider';
import type { Schema } from './schema';
import { enforcementsOf } from './schema-enforcement';
import {
  SMOKE_DIRECTORY,
  SMOKE_RUNNER,
  markSmokeTest,
  smokeTestsInStack,
  writeSmokeTests,
} from './smoke-files';
import { callerLocation } from './source-location';
import type { Station } from './station';
import type { TestedObjects } from './tested-settings';
import { testedHash } from './tested-settings';

/** What to send through a station, and when. */
export interface SmokeTestProps {
  /** The station that the messages go through. A smoke test never creates it. */
  readonly station: IStation;

  /**
   * How many messages are produced and must come back, from 1 to 10000. The test deletes them again afterwards. A
   * station that is full to a limit by number or size drops as many of its oldest messages, as for any producer.
   * @default 5
   */
  readonly messages?: number;

  /**
   * The payload: a text, or a value that is sent in the form that the schema of the station wants, which without a
   * schema is JSON text. Needed when this stack declares a schema for the station, and then checked against it at
   * synth.
   * @default a small JSON object
   */
  readonly sample?: JsonValue;

  /**
   * A payload that the schema must reject; checked against it at synth where this stack declares it. It is not sent.
   * @default nothing of that kind is tried
   */
  readonly invalidSample?: JsonValue;

  /**
   * How many milliseconds the whole test may take, from 1000 to 600000.
   * @default 30000
   */
  readonly timeoutMs?: number;

  /**
   * Any text; the test runs again when it differs from that of the last deploy.
   * @default the test runs when itself, its runner, or the settings of station, schema and enforcement have changed
   */
  readonly rerunOn?: string | undefined;

  /**
   * The broker to test.
   * @default that of the station, or the stack's provider without alias
   */
  readonly provider?: MemphisProvider;

  /**
   * What must exist before the test runs.
   * @default the station and every enforcement of it that this stack declares; they are in any case waited for
   */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Sends messages through a station and reads them back, each time the stack is deployed and something about the
 * station, its schema or this test has changed. A failing test fails the deploy, and runs again with the next one.
 *
 * It is a `null_resource` that runs `node` in the stack's directory; synth puts the program and its input there. It logs
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
  readonly #props: SmokeTestProps;
  readonly #problemsOfProps: readonly string[];
  readonly #resource: TerraformResource;

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    const given = givenTestProps(props);
    this.#props = given.props;
    this.#problemsOfProps = given.problems;
    markSmokeTest(this);
    const { station, rerunOn } = this.#props;
    // The child's id is the one that the framework leaves out of addresses: null_resource.<id of this construct>.
    this.#resource = nullResource(this, 'Default', {
      environment: () => this.#environment(),
      command: lateText(() => `node ${SMOKE_DIRECTORY}/${SMOKE_RUNNER} ${SMOKE_DIRECTORY}/${this.specFile}`),
      triggers: {
        spec: lateText(() => sha256(this.specText)),
        runner: lateText(() => sha256(readBundle(SMOKE_RUNNER))),
        tested: lateText(() => testedHash(this.#tested)),
        // Of several stations it would be a list, which is a problem that ends synth.
        ...(station.uid === undefined ? {} : { station: station.uid }),
        ...(rerunOn === undefined ? {} : { rerun_on: rerunOn }),
      },
    });
    const location = collectsNoStackTraces(this) ? undefined : callerLocation(projectFolderOf(this));
    if (location !== undefined) addNotes(this.#resource, location);
    this.specFile = `smoke-${this.#resource.friendlyUniqueId}.json`;
    prepareAtSynth(this, () => {
      ensureNullProvider(TerraformStack.of(this));
      dependOn(this.#resource, this.#dependencies());
    });
    validateAtSynth(this, () => this.#problems());
    writeAtSynth(this, (directory) => writeSmokeTests(directory, smokeTestsInStack(TerraformStack.of(this))));
  }

  /** The address of the test, for the `dependsOn` of what must wait until it has passed. */
  get fqn(): string {
    return this.#resource.fqn;
  }

  /** @internal The text of the file that the runner reads. */
  get specText(): string {
    return `${JSON.stringify(this.#spec(), null, 2)}\n`;
  }

  #spec(): SmokeTestSpec {
    const { sample, invalidSample } = this.#props;
    const connection = this.#connection();
    return {
      ...this.#settings(),
      ...(sample === undefined ? {} : { sample }),
      ...(invalidSample === undefined ? {} : { invalidSample }),
      ...(Object.keys(connection).length === 0 ? {} : { connection }),
    };
  }

  #settings(): SmokeTestSettings {
    const { station, messages, timeoutMs } = this.#props;
    const { enforcement } = this.#tested;
    return {
      name: nameFor(this.#resource.friendlyUniqueId),
      station: plainName(station),
      ...(enforcement === undefined ? {} : { schema: plainName(enforcement.enforcedSchema) }),
      ...(messages === undefined ? {} : { messages }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
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
    const variables = Object.fromEntries(
      others.map(([name, value]) => [environmentVariables[name].name, value]),
    );
    const { password, connectionToken } = environmentVariables;
    // As in `resolveConnection`, where the environment is known apart from what is given.
    const hasNoToken = password.name in variables && !(connectionToken.name in variables);
    return { ...variables, ...(hasNoToken ? { [connectionToken.name]: '' } : {}) };
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
    return stacks
      .flatMap((stack) => stack.node.findAll())
      .find(
        (node): node is MemphisProvider =>
          TerraformProvider.isTerraformProvider(node) &&
          node.terraformResourceType === PROVIDER_TYPE &&
          node.alias === undefined,
      );
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

  #problems(): string[] {
    const { sample, invalidSample } = this.#props;
    const settings = this.#settings();
    const station = this.#props.station as IStation & TerraformMetaArguments;
    const { station: plain, ...others } = settings;
    const values = { ...others, ...(isRepeated(station) ? {} : { station: plain }), sample, invalidSample };
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
      ...this.#problemsOfProps,
      ...this.#providerProblems(),
      ...(isRepeated(station) ? [severalStations(station)] : []),
      ...late,
    ];
    return [...own, ...known, ...(own.length === 0 ? this.#sampleProblems() : [])];
  }

  #sampleProblems(): string[] {
    const { sample, invalidSample } = this.#props;
    const { enforcement, schema } = this.#tested;
    if (enforcement === undefined) return [];
    const name = JSON.stringify(plainName(enforcement.enforcedSchema));
    const compiled = schema?.compiled();
    const problems: string[] = [];
    if (sample === undefined) {
      problems.push(`sample is missing; the station enforces schema ${name}, so give a message that fits it`);
    } else if (compiled !== undefined) {
      const reason = rejection(() => compiled.encode(sample));
      if (reason !== undefined)
        problems.push(`sample does not fit schema ${name} (${reason}); change one of them`);
    }
    if (invalidSample !== undefined && compiled !== undefined) {
      const reason = rejection(() => compiled.encode(invalidSample));
      if (reason === undefined) {
        problems.push(`invalidSample fits schema ${name}, which is to reject it; change one of them`);
      }
    }
    return problems;
  }
}

/** The settings that a client of the broker uses. */
const settingsOfClient = [
  ...(['host', 'port', 'accountId', 'username', 'password', 'connectionToken'] as const),
  ...(['caFile', 'certFile', 'keyFile'] as const),
];
type SettingOfClient = (typeof settingsOfClient)[number];

/** Whether a setting may be written into a file, and can be. */
function isPlainSetting([name, value]: readonly [SettingOfClient, unknown]): boolean {
  return !environmentVariables[name].secret && !isUnresolved(value);
}

const testProps = {
  construct: 'SmokeTest',
  names: ['station', 'messages', 'sample', 'invalidSample', 'timeoutMs', 'rerunOn', 'provider', 'dependsOn'],
  first: 'station',
};

/** Stands in for what is missing, which is a problem that ends synth. */
const NO_STATION: IStation = { name: '' };

function givenTestProps(
  given: SmokeTestProps,
): GivenProps<SmokeTestProps> & { readonly props: SmokeTestProps } {
  const { props, problems } = givenResourceProps<SmokeTestProps>(given, testProps, ['provider', 'dependsOn']);
  const ofStation = referenceProblems('station', props.station, 'station');
  // A name alone is not enough to say on which broker the station is, nor whether it is declared.
  if (typeof props.station === 'string') {
    ofStation.push(
      `station is ${JSON.stringify(props.station)}; give a station: a construct, or Station.fromName`,
    );
  }
  const { rerunOn, ...others } = props;
  const isText = rerunOn === undefined || typeof rerunOn === 'string';
  return {
    props: {
      ...others,
      ...(isText && rerunOn !== undefined ? { rerunOn } : {}),
      station: ofStation.length === 0 && props.station !== undefined ? props.station : NO_STATION,
    },
    problems: [
      ...problems,
      ...ofStation,
      ...(isText ? [] : [`rerunOn is ${shownValue(rerunOn)}; it must be a string, or be left out`]),
    ],
  };
}

function severalStations(station: IStation): string {
  const { path } = (station as unknown as TerraformResource).node;
  return (
    `station is ${JSON.stringify(path)}, which stands for several stations (forEach or count); give` +
    ` Station.fromName for one of them, and the construct in dependsOn`
  );
}

function isDeclaredSchema(schema: ISchema | undefined): schema is Schema {
  return isMemphisResource(schema);
}

/** Why a schema does not take a message; undefined when it does. */
function rejection(encode: () => void): string | undefined {
  try {
    encode();
    return undefined;
  } catch (error) {
    if (error instanceof SchemaValidationError) return error.found;
    throw error;
  }
}

/** The name of a test on the broker, made of its address: what a consumer may be called, and not too long. */
function nameFor(address: string): string {
  const valid = address.toLowerCase().replace(/[^a-z0-9_.-]/g, '-');
  const short = valid.length <= 100 ? valid : `${valid.slice(0, 91)}-${sha256(address).slice(0, 8)}`;
  return short.replace(/^[._-]+|[._-]+$/g, '') || 'smoke';
}
