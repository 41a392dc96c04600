/** A JSON schema of objects whose field `id` has such a type. */
export function idOfType(type: string): string {
  return JSON.stringify({ type: 'object', properties: { id: { type } } });
}

/** A JSON schema of objects that need such a field, with an integer in it. */
export function withInteger(key: string): string {
  return JSON.stringify({ type: 'object', properties: { [key]: { type: 'integer' } }, required: [key] });
}

/** A JSON schema of objects that need such a field. */
export function needing(key: string): string {
  return JSON.stringify({ type: 'object', required: [key] });
}
