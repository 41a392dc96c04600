import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { externalName } from '../model/names';
import { shownValue } from '../model/validation';
import type { IAspect } from './framework';
import { TerraformStack, validateAtSynth } from './framework';
import { givenProps } from './given-props';
import { isRepeated } from './instances';
import { isMemphisResource } from './memphis-resource';
import type { IStation } from './named-object';
import { plainName, referenceProblems } from './named-object';
import { smokeTestsInStack } from './smoke-files';
import { SmokeTest } from './smoke-test';
import type { SmokeTestProps } from './smoke-test-props';
import { Station } from './station';
import { StationSet } from './station-set';

/** What all tests of a suite have in common, and which stations have none. */
export interface SmokeSuiteProps extends Pick<
  SmokeTestProps,
  | 'target'
  | 'messages'
  | 'rate'
  | 'messageIds'
  | 'consumerGroups'
  | 'expect'
  | 'timeoutMs'
  | 'failDeploy'
  | 'runVia'
  | 'rerunOn'
> {
  /**
   * Stations without a test of the suite: constructs, or names.
   * @default none; stations that have a SmokeTest of their own are left out in any case
   */
  readonly except?: readonly (IStation | string)[];
  /** Seed of the generated messages. Default 1. */
  readonly seed?: number;
}

const suiteProps = {
  construct: 'SmokeSuite',
  names: Object.keys({
    ...{ target: true, messages: true, rate: true, messageIds: true, consumerGroups: true, expect: true },
    ...{ timeoutMs: true, failDeploy: true, runVia: true, rerunOn: true, except: true, seed: true },
  } satisfies Record<keyof SmokeSuiteProps, true>),
  first: 'the settings of its tests',
};

/** The problems of the props that its tests do not have. */
function ownProblems({ except, seed }: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  if (seed !== undefined && !Number.isSafeInteger(seed))
    problems.push(`seed is ${shownValue(seed)}; it must be a whole number, or be left out`);
  if (except === undefined) return problems;
  if (!Array.isArray(except))
    return [...problems, `except is ${shownValue(except)}; it must be a list of stations, or be left out`];
  const ofStations = except.flatMap((station: unknown, index) =>
    referenceProblems(`except[${index}]`, station, 'station'),
  );
  return [...problems, ...ofStations];
}

/** The construct that holds the tests of a suite in its stack. */
const SCOPE_ID = 'smoke-suite';

/**
 * Adds a smoke test for every station that a stack declares, also in sets, with messages generated from its schema. Stations that stand
 * for several (`forEach`, `count`) have none.
 *
 * @example
 * Aspects.of(this).add(new SmokeSuite({ except: ['audit-log'] }));
 */
export class SmokeSuite implements IAspect {
  readonly #props: Partial<SmokeSuiteProps>;
  readonly #problems: readonly string[];

  constructor(props: SmokeSuiteProps = {}) {
    const given = givenProps<SmokeSuiteProps>(props, suiteProps);
    this.#props = given.props;
    this.#problems = [...given.problems, ...ownProblems(given.props)];
  }

  /** Called by the framework for each construct; tests are added when it comes to a stack. */
  visit(node: IConstruct): void {
    // The framework does not visit what is added beside a construct, only what is added below it.
    if (!TerraformStack.isStack(node) || node.node.tryFindChild(SCOPE_ID) !== undefined) return;
    if (this.#problems.length > 0) {
      validateAtSynth(new Construct(node, SCOPE_ID), () => [...this.#problems]);
      return;
    }
    const { except = [], seed, ...common } = this.#props;
    const excluded = new Set(
      except.map((station) => (typeof station === 'string' ? externalName(station) : nameOf(station))),
    );
    const tested = new Set(
      smokeTestsInStack(node).map((test) => nameOf((test as unknown as SmokeTest).station)),
    );
    const stations = stationsOf(node).filter((station) => {
      const name = nameOf(station);
      return !excluded.has(name) && !tested.has(name) && !isRepeated(station);
    });
    const sets = setsOf(node).filter((set) => !isRepeated(set));
    const members = sets.flatMap((set) => {
      const names = set.stationNames.filter((name) => {
        const key = externalName(name);
        return !excluded.has(key) && !tested.has(key);
      });
      return names.map((name) => ({ id: `${set.friendlyUniqueId}-${name}`, station: set.station(name) }));
    });
    if (stations.length === 0 && members.length === 0) return;
    const scope = new Construct(node, SCOPE_ID);
    for (const { id, station } of members) {
      new SmokeTest(scope, id, { ...common, station, generate: seed === undefined ? true : { seed } });
    }
    for (const station of stations) {
      new SmokeTest(scope, station.friendlyUniqueId, {
        ...common,
        station,
        generate: seed === undefined ? true : { seed },
      });
    }
  }
}

function stationsOf(stack: TerraformStack): Station[] {
  return stack.node
    .findAll()
    .filter(
      (node): node is Station =>
        isMemphisResource(node) && node.terraformResourceType === Station.tfResourceType,
    );
}

function setsOf(stack: TerraformStack): StationSet[] {
  return stack.node
    .findAll()
    .filter(
      (node): node is StationSet =>
        isMemphisResource(node) && node.terraformResourceType === StationSet.tfResourceType,
    );
}

function nameOf(station: IStation): string {
  return externalName(plainName(station));
}
