/** The names that exported objects get in the code. */

/** Words that no variable can have in a module of strict code, and names that the generated files use themselves. */
const TAKEN = new Set(
  (
    'abstract any as asserts async await bigint boolean break case catch class const constructor continue debugger declare ' +
    'default delete do else enum eval export extends false finally for from function get if implements import in infer ' +
    'instanceof interface is keyof let module namespace never new null number object of override package private protected ' +
    'public readonly require return satisfies set static string super switch symbol this throw true try type typeof ' +
    'undefined unique unknown using var void while with yield arguments ' +
    'scope id app join globalThis process console exports NaN Infinity'
  ).split(' '),
);

/** Gives each wanted name once, with a number behind those that are taken. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #separator: string;

  /** @param separator what stands between a name and its number */
  constructor(taken: Iterable<string> = [], separator = '') {
    this.#taken = new Set(taken);
    this.#separator = separator;
  }

  give(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#taken.has(name); number += 1) name = `${wanted}${this.#separator}${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** The variables of one file. */
export function variableNames(): UniqueNames {
  return new UniqueNames(TAKEN);
}

/**
 * The variable for an object: its name in camel case. What is no valid or no free name gets the kind behind it, or before
 * it where it begins with a digit.
 */
export function variableFor(name: string, kind: 'station' | 'schema'): string {
  const camel = camelCase(name);
  const suffix = kind === 'schema' ? 'Schema' : 'Station';
  if (/^\d/.test(camel)) return `${kind}${camel}`;
  if (kind === 'schema' && !/schema$/i.test(camel)) return `${camel}${suffix}`;
  return TAKEN.has(camel) ? `${camel}${suffix}` : camel;
}

/** `orders.eu-west` -> `ordersEuWest` */
export function camelCase(text: string): string {
  const [first = '', ...rest] = words(text);
  return [first, ...rest.map(capital)].join('').slice(0, MAX_IDENTIFIER);
}

/** `orders.eu-west` -> `OrdersEuWest`; a name that begins with a digit gets a word before it. */
export function pascalCase(text: string): string {
  const name = words(text).map(capital).join('').slice(0, MAX_IDENTIFIER);
  return /^\d/.test(name) || name === '' ? `Group${name}` : name;
}

/** Longer ones are cut; they stay unique by their number. */
const MAX_IDENTIFIER = 40;

/** The id of a construct, which is also its name in Terraform: letters, digits, `-` and `_`, and no digit in front. */
export function constructId(name: string, kind: string): string {
  const id = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  // A tag may have no such letter at all.
  if (id === '') return kind;
  return /^[a-z_]/i.test(id) ? id : `${kind}-${id}`;
}

function words(text: string): string[] {
  return text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
