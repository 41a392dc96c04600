/** True for what JavaScript throws when calls are nested too deep. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack');
}

/** Reads a schema; one whose parts are nested, or lead to each other, deeper than the stack allows is a problem. */
export function unlessTooDeep<R>(read: () => R, otherwise: (problem: string) => R): R {
  try {
    return read();
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    return otherwise('its parts are nested, or lead to each other, too deep to be checked');
  }
}
