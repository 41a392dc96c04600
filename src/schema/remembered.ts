/** How many contents are kept, and how many characters of them in all. */
const MAX_ENTRIES = 200;
const MAX_CHARACTERS = 8_000_000;

/**
 * Keeps what a function made of its last contents. Synth, provider and producers each read a schema several times, which
 * takes seconds for one of thousands of fields. What the function returns must never be changed.
 */
export function remembered<R>(
  read: (content: string, variant: string) => R,
): (content: string, variant?: string) => R {
  // A map keeps the order in which its keys were added: the first one was used longest ago.
  const results = new Map<string, R>();
  let characters = 0;
  return (content, variant = '') => {
    const key = `${variant}\0${content}`;
    const known = results.get(key);
    if (known !== undefined) {
      results.delete(key);
      results.set(key, known);
      return known;
    }
    const result = read(content, variant);
    results.set(key, result);
    characters += key.length;
    for (const oldest of results.keys()) {
      if (results.size <= MAX_ENTRIES && characters <= MAX_CHARACTERS) break;
      results.delete(oldest);
      characters -= oldest.length;
    }
    return result;
  };
}
