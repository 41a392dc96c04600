import { shownValue } from '../model/validation';
import type { GivenProps } from './given-props';
import { givenResourceProps } from './given-props';
import { jsonProblems } from './json-problems';
import type { IStation } from './named-object';
import { referenceProblems } from './named-object';
import type { SmokeTestProps } from './smoke-test-props';
import { smokeTestPropNames } from './smoke-test-props';

const testProps = {
  construct: 'SmokeTest',
  names: smokeTestPropNames,
  first: 'station',
};

/** Stands in for what is missing, which is a problem that ends synth. */
export const NO_STATION = { name: '' } as IStation;

/** Reads the props of a smoke test. */
export function givenTestProps(
  given: SmokeTestProps,
): GivenProps<SmokeTestProps> & { readonly props: SmokeTestProps } {
  const { props, problems } = givenResourceProps<SmokeTestProps>(given, testProps, ['provider', 'dependsOn']);
  const advice = 'give a station: a construct, or Station.fromName';
  const ofStation = referenceProblems('station', props.station, 'station', advice);
  // A name alone is not enough to say on which broker the station is, nor whether it is declared.
  if (typeof props.station === 'string')
    ofStation.push(`station is ${JSON.stringify(props.station)}; ${advice}`);
  const { rerunOn, ...rest } = props;
  const { others, unwritable } = writableProps(rest);
  const isText = rerunOn === undefined || typeof rerunOn === 'string';
  return {
    props: {
      ...others,
      ...(isText && rerunOn !== undefined ? { rerunOn } : {}),
      station: ofStation.length === 0 && props.station !== undefined ? props.station : NO_STATION,
    },
    called: testProps,
    problems: [
      ...problems,
      ...ofStation,
      ...unwritable,
      ...flagProblems(others),
      ...(isText ? [] : [`rerunOn is ${shownValue(rerunOn)}; it must be a string, or be left out`]),
    ],
  };
}

/** The props that are the data of messages: any value of JSON is right. */
const messageProps: readonly string[] = ['sample', 'samples', 'invalidSample', 'invalidMessages'];

/** Takes out what cannot be written into the file of the test. */
function writableProps(props: Partial<SmokeTestProps>): {
  readonly others: Partial<SmokeTestProps>;
  readonly unwritable: readonly string[];
} {
  const unwritable: string[] = [];
  const kept = Object.entries(props).filter(([name, value]: [string, unknown]) => {
    const isWritten = name !== 'station' && name !== 'provider' && name !== 'dependsOn';
    const isData = messageProps.includes(name) || (typeof value === 'object' && value !== null);
    const problems = isWritten && isData && value !== undefined ? jsonProblems(name, value) : [];
    unwritable.push(...problems);
    return problems.length === 0;
  });
  return { others: Object.fromEntries(kept), unwritable };
}

/** The problems of the props that are in no file. */
function flagProblems({ failDeploy, runVia, generate, sampleFile }: Partial<SmokeTestProps>): string[] {
  const problem = (name: string, value: unknown, isRight: boolean, valid: string): string[] =>
    value === undefined || isRight
      ? []
      : [`${name} is ${shownValue(value)}; it must be ${valid}, or be left out`];
  const ways: unknown[] = ['nullResource', 'terraformData'];
  return [
    ...problem('failDeploy', failDeploy, typeof failDeploy === 'boolean', 'true or false'),
    ...problem('runVia', runVia, ways.includes(runVia), '"nullResource" or "terraformData"'),
    ...problem('sampleFile', sampleFile, typeof sampleFile === 'string', 'the path of a file'),
    ...problem(
      'generate',
      generate,
      typeof generate === 'boolean' || (typeof generate === 'object' && (generate as unknown) !== null),
      'true, false or { seed }',
    ),
  ];
}
