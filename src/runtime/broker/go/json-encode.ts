/** Writes JSON as Go's encoding/json does, so that replies are equal byte for byte. */

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** json.Marshal */
export function encodeJson(value: object): string {
  return inGoSpelling(JSON.stringify(value));
}

/** json.MarshalIndent with four spaces, as every successful REST reply is written. */
export function encodeIndentedJson(value: object): string {
  return inGoSpelling(JSON.stringify(value, undefined, 4));
}

function inGoSpelling(json: string): string {
  return json
    .replace(/[<>&\u2028\u2029]/g, (char) => escapes[char] ?? char)
    .replace(/\\[\s\S]/g, (pair) => (pair === '\\b' ? '\\u0008' : pair === '\\f' ? '\\u000c' : pair));
}
