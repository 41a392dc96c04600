/**
 * The problem of each name in an object that is not one of the known names, with the known names that it may stand for:
 * a misspelt option would otherwise be dropped in silence. Names without a value are passed over.
 * @param given any object; only its own properties count
 * @param what what the known names are, such as `a prop of Station`
 * @param within path of the object, such as `lifecycle`; default: none
 */
export function unknownNameProblems(
  given: object,
  known: readonly string[],
  what: string,
  within?: string,
): string[] {
  const path = within === undefined ? '' : `${within}.`;
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || known.includes(name)) return [];
    const nearest = nearestNames(name, known);
    const advice =
      nearest.length === 0
        ? `remove it, or use one of ${[...known].sort().join(', ')}`
        : `use ${nearest.join(' or ')}, or remove it`;
    return [`${path}${name} is not ${what}; ${advice}`];
  });
}

/** More names than these are no help. */
const MOST_NAMES = 3;

/**
 * The known names that somebody most probably meant: those that the given name begins or ends like, or else those with the
 * fewest letters to change. Letter case, underscores and hyphens do not count. Empty when none is near.
 *
 * It is our own because it is one short function: the packages for it know distances, but not that `partitions` is short
 * for `partitionsNumber`, and would be one more dependency in each of the three programs that are bundled.
 */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const wanted = plain(name);
  if (wanted === '') return [];
  const most = Math.max(1, Math.floor(wanted.length / 3));
  const measured = known.map((candidate) => ({ candidate, distance: distanceOf(wanted, plain(candidate)) }));
  const least = Math.min(most, ...measured.map(({ distance }) => distance));
  const misspelt = measured.filter(({ distance }) => distance === least);
  // One or two slips are more probable than a shortened name; more of them are less so.
  const shortened = least <= 2 && misspelt.length > 0 ? [] : shortenedNames(wanted, known);
  const nearest = shortened.length > 0 ? shortened : misspelt.map(({ candidate }) => candidate);
  return nearest.slice(0, MOST_NAMES);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '').slice(0, 64);
}

const SHORTEST_PART = 3;

/** The names with which the wanted one shares its beginning, or else its end. */
function shortenedNames(wanted: string, known: readonly string[]): readonly string[] {
  const isShared = (name: string, share: (long: string, short: string) => boolean): boolean => {
    const [short, long] = wanted.length < name.length ? [wanted, name] : [name, wanted];
    return short.length >= SHORTEST_PART && share(long, short);
  };
  const same = known.filter((name) => isShared(plain(name), (long, short) => long.startsWith(short)));
  if (same.length > 0) return same;
  return known.filter((name) => isShared(plain(name), (long, short) => long.endsWith(short)));
}

/** How many letters to insert, leave out, replace or swap with their neighbour make one text of the other. */
function distanceOf(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (isSame ? 0 : 1),
        ...(isSwapped ? [at(beforeLast, j - 2) + 1] : []),
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, other.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
