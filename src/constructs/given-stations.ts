import { fieldProblem, shownValue } from '../model/validation';
import { stationFields } from '../model/station';
import { stationOptionFields, stationOptionNames } from '../model/station-set';
import { unknownNameProblems } from '../model/unknown-names';
import { isUnresolved } from './framework';
import { isRecord } from './given-props';
import type { StationOptions } from './station-set-props';

/** The stations of a set as a program gave them: those that can be used, each with what differs for it. */
export function stationsOf(given: unknown): {
  readonly stations: ReadonlyMap<string, StationOptions>;
  readonly problems: readonly string[];
} {
  const advice = 'give a list of names, or an object from names to options';
  if (!Array.isArray(given) && !isRecord(given)) {
    const found = given === undefined ? 'missing' : shownValue(given);
    return { stations: new Map(), problems: [`stations is ${found}; ${advice}`] };
  }
  if (Array.isArray(given)) {
    const names = given as readonly unknown[];
    const wrong = names.filter((name) => typeof name !== 'string');
    const problems = wrong.map((name) => `stations has ${shownValue(name)}; ${advice}`);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    return {
      stations: new Map(names.flatMap((name) => (typeof name === 'string' ? [[name, {}]] : []))),
      problems: [...problems, ...twice.map((name) => `stations names ${shownValue(name)} twice; remove one`)],
    };
  }
  const problems: string[] = [];
  const stations = new Map<string, StationOptions>();
  for (const [name, options] of Object.entries(given)) {
    if (!isRecord(options)) {
      problems.push(`stations.${name} is ${shownValue(options)}; give an object of options, {} for none`);
      continue;
    }
    problems.push(
      ...unknownNameProblems(options, stationOptionNames, 'an option of a station', `stations.${name}`),
      ...nullProblems(options).map((problem) => `stations.${name}: ${problem}`),
    );
    const usable = Object.entries(options).filter(([, value]) => value !== null);
    stations.set(name, Object.fromEntries(usable));
  }
  return { stations, problems };
}

/** A value that is null would count as left out. */
export function nullProblems(options: object): string[] {
  const values = options as Readonly<Record<string, unknown>>;
  return stationOptionNames.flatMap((name) => {
    if (values[name] !== null) return [];
    const problem = fieldProblem(name, null, stationOptionFields[name], { words: 'typescript' });
    return problem === undefined ? [] : [problem];
  });
}

/** The problems of the names of stations that a set releases. */
export function releaseProblems(release: unknown): string[] {
  if (release === undefined) return [];
  const advice = 'give a list of the names of stations, or leave it out';
  if (!Array.isArray(release)) return [`release is ${shownValue(release)}; ${advice}`];
  return release.flatMap((name: unknown, index) => {
    if (typeof name !== 'string') return [`release[${index}] is ${shownValue(name)}; ${advice}`];
    const problem = isUnresolved(name)
      ? undefined
      : fieldProblem(`release[${index}]`, name, stationFields.name, { words: 'typescript' });
    return problem === undefined ? [] : [problem];
  });
}
