/** How JetStream says in a reply why it refuses something. What is in it is not checked yet. */
export interface ApiRefusal {
  readonly description?: unknown;
  readonly err_code?: unknown;
}

/** The broker's own words, and its code. */
export function refusalText({ description, err_code: code }: ApiRefusal): string {
  const words = typeof description === 'string' ? description : 'unknown error';
  return `${words} (${typeof code === 'number' ? code : 0})`;
}
