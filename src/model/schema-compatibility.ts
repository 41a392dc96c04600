/**
 * What a changed schema has to go on working with. `backward`: consumers with the new schema read messages made with the
 * old one; `forward`: consumers with the old schema read messages made with the new one; `full`: both. The transitive
 * ones look at every version that the broker keeps, the others at the active one.
 */
export const compatibilities = [
  'none',
  'backward',
  'backwardTransitive',
  'forward',
  'forwardTransitive',
  'full',
  'fullTransitive',
] as const;

/** One of the rules for a changed schema. */
export type Compatibility = (typeof compatibilities)[number];

/** Who has to understand whose messages. */
export type Direction = 'backward' | 'forward';

/** The directions that a rule asks for. */
export function directionsOf(compatibility: Compatibility): readonly Direction[] {
  if (compatibility === 'none') return [];
  if (compatibility.startsWith('full')) return ['backward', 'forward'];
  return [compatibility.startsWith('backward') ? 'backward' : 'forward'];
}

/** True when a rule asks for all versions, and not for the active one alone. */
export function isTransitive(compatibility: Compatibility): boolean {
  return compatibility.endsWith('Transitive');
}
