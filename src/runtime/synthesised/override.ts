import type { Block, Json, JsonObject } from './json';

/** Files whose blocks change those of the other files: `override.tf`, `eu_override.tf.json`. */
export function isOverrideFile(name: string): boolean {
  return /(?:^|_)override\.tf(?:\.json)?$/.test(name);
}

/**
 * Blocks of one type with what override files say about them, in the order of these files: an attribute, and all nested
 * blocks of a type, take the place of those before. What overrides nothing is left out, as Terraform refuses it.
 */
export function overridden(blocks: readonly Block[], overrides: readonly Block[]): Block[] {
  const found = new Map(blocks.map((block, index) => [index, block] as const));
  for (const override of overrides) {
    for (const [index, block] of found) {
      if (isSame(block, override)) found.set(index, merged(block, override));
    }
  }
  return [...found.values()];
}

/** Providers of one name are told apart by their aliases. */
function isSame(block: Block, override: Block): boolean {
  return (
    JSON.stringify(block.labels) === JSON.stringify(override.labels) &&
    plain(block.body.alias) === plain(override.body.alias)
  );
}

function plain(json: Json | undefined): string | undefined {
  return typeof json === 'string' ? json : undefined;
}

function merged({ labels, body }: Block, override: Block): Block {
  // The notes name the place of the declaration, which the override only changes.
  const { '//': _, ...members } = override.body;
  const all: JsonObject = { ...body, ...members };
  // Whoever repeats a resource in another way does not repeat it in both.
  const { count, for_each: forEach, ...single } = all;
  if (members.count !== undefined) return { labels, body: { ...single, count: members.count } };
  if (members.for_each !== undefined) return { labels, body: { ...single, for_each: members.for_each } };
  return { labels, body: all };
}
