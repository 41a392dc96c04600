import type { BrokerField } from '../../model/field';
import { terraformName } from '../../model/field';
import { partitionText } from '../../model/names';
import { Retention } from '../../model/retention';
import { DEFAULT_TAG, declaredStationFields, stationRules } from '../../model/station';
import { problemsOf } from '../../model/validation';
import type { InventoryStation } from '../inventory';
import { isIntact, stationKind } from '../reconcile';
import type { DeclaredField, ExportedStation } from './plan';
import { furtherLimits, handMadeSettings } from './stream-settings';

/** What is known of the other objects of the broker. */
export interface Surroundings {
  readonly hasStation: (name: string) => boolean;
  /** True when the dead-letter station of a station closes a circle. */
  readonly closesCircle: (station: string) => boolean;
}

/** What the declaration of a live station says, and what it cannot say. */
export function expressStation(
  source: InventoryStation,
  surroundings: Surroundings,
): Pick<ExportedStation, 'fields' | 'ignored' | 'notes' | 'dlsStation'> {
  const notes: string[] = [];
  const ignored: string[] = [];
  const declaration = declaredValues(source);
  const leave = (names: readonly string[], why: string): void => {
    for (const name of names) declaration.delete(name);
    ignored.push(...names);
    notes.push(`${why}. The stack leaves ${names.join(' and ')} as it is`);
  };
  for (const [name, field] of declaredStationFields) {
    if (!declaration.has(name)) continue;
    const [problem] = problemsOf({ [name]: declaration.get(name) }, { fields: { [name]: field } as never });
    if (problem !== undefined) leave([name], `On the broker ${problem}`);
  }
  for (const rule of stationRules) {
    const problem = rule.problem(Object.fromEntries(declaration));
    const wrong = rule.fields.filter((name) => name !== 'name' && declaration.has(name));
    if (problem !== undefined) leave(wrong, `On the broker ${problem}`);
  }
  const dlsStation = declaration.get('dlsStation') as string | undefined;
  const refused =
    dlsStation === undefined ? undefined : whyNotReferred(source.name, dlsStation, surroundings);
  if (refused !== undefined) leave(['dlsStation'], refused);
  notes.push(...streamNotes(source));
  return {
    fields: fieldsOf(declaration),
    ignored: [...new Set(ignored)].map(terraformName),
    notes,
    dlsStation: declaration.get('dlsStation') as string | undefined,
  };
}

function whyNotReferred(
  station: string,
  dlsStation: string,
  { hasStation, closesCircle }: Surroundings,
): string | undefined {
  const its = `Its dead-letter station "${dlsStation}"`;
  if (!hasStation(dlsStation)) return `${its} is not on the broker`;
  return closesCircle(station)
    ? `${its} closes a circle of dead-letter stations, which no stack can create`
    : undefined;
}

/** The values that a declaration of the station needs: those that differ from what an absent value means. */
function declaredValues({ name, settings }: InventoryStation): Map<string, unknown> {
  const live = settings as unknown as Readonly<Record<string, unknown>>;
  const given = new Map<string, unknown>([['name', name]]);
  for (const [field, entry] of declaredStationFields) {
    if (field !== 'name' && !isSame(live[field], absentValue(field, entry, live)))
      given.set(field, live[field]);
  }
  // Their default is meant for an age.
  const { retentionType, retentionValue } = settings;
  const needsLimit = retentionType === Retention.MESSAGES || retentionType === Retention.BYTES;
  return needsLimit ? given.set('retentionValue', retentionValue) : given;
}

/** What the field is when the declaration leaves it out. */
function absentValue(name: string, field: BrokerField, live: Readonly<Record<string, unknown>>): unknown {
  // Absent tags are not managed; nobody writes the one that each station has.
  if (name === 'tags') return [DEFAULT_TAG];
  return field.canonical === undefined ? field.default : field.canonical(field.default, live);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** In the order of the table; the dead-letter station is written as a reference. */
function fieldsOf(declaration: ReadonlyMap<string, unknown>): DeclaredField[] {
  const names = declaredStationFields.map(([name]) => name);
  return names
    .filter((name) => name !== 'dlsStation' && declaration.has(name))
    .map((name) => ({ name, value: declaration.get(name) }));
}

/** What the streams of the partitions have that no declaration holds. */
function streamNotes({ live, settings }: InventoryStation): string[] {
  const notes: string[] = [];
  if (!isIntact(live)) {
    const damaged = [...live.missingPartitions, ...live.frozenPartitions];
    const numbers = damaged.join(', ');
    notes.push(
      damaged.length === 1
        ? `Partition ${numbers} is missing or refuses messages. The next deploy repairs it`
        : `Partitions ${numbers} are missing or refuse messages. The next deploy repairs them`,
    );
  }
  for (const stream of live.streams.slice(1)) {
    const alone = stationKind.normalise({ ...live, streams: [stream] });
    const fields = stationKind
      .diff(settings, alone)
      .fields.filter(({ field }) => declaredStationFields.some(([name]) => name === field));
    if (fields.length === 0) continue;
    const values = fields.map(({ field, after }) => `${field} = ${JSON.stringify(after)}`).join(', ');
    const place = partitionText(stream.config.name).replace(/ of station .*/, '');
    notes.push(
      `${place} has other settings than the first one: ${values}. The next deploy makes all partitions like the first`,
    );
  }
  for (const stream of live.streams) {
    const limits = furtherLimits(stream);
    if (limits.length === 0) continue;
    const place = partitionText(stream.config.name).replace(/ of station .*/, '');
    notes.push(`${place} has a further limit, ${limits.join(', ')}. The next deploy removes it`);
  }
  return [...notes, ...handMadeSettings(live.streams)].map(capital);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
