import type { ExportedStation } from './plan';

/**
 * Puts stations that differ in nothing but their names together; one that no other is like stays alone. A station with
 * notes, or with values that its stack leaves as they are, is like none: both are about that station.
 * @param stations each dead-letter station before the stations that use it, which stays so: the stations of a group have
 *   one dead-letter station
 */
export function likeStations(stations: readonly ExportedStation[]): ExportedStation[][] {
  const groups = new Map<string, ExportedStation[]>();
  for (const station of stations) {
    const { name, fields, dlsStation, schema, adopts, notes, ignored } = station;
    const options = fields.filter((field) => field.name !== 'name');
    const isAlone = notes.length > 0 || ignored.length > 0;
    const key = JSON.stringify(isAlone ? name : [options, dlsStation ?? '', schema ?? '', adopts]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [station]);
    else group.push(station);
  }
  return [...groups.values()];
}

/** What names have in common in front, by their words: `orders` for `orders.eu-1` and `orders.us`; "" for nothing. */
export function commonPrefix(names: readonly string[]): string {
  const [first = [], ...others] = names.map((name) => name.split(/[^A-Za-z0-9]+/));
  const differs = first.findIndex((word, index) => others.some((words) => words[index] !== word));
  return (differs === -1 ? first : first.slice(0, differs)).join('-');
}
