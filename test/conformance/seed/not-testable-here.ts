interface Exception {
  readonly reason: string;
  /** Left out: on every broker. */
  readonly only?: 'local' | 'external';
}

/** Rows without a test, and why. At most twelve on the local broker; `catalogue.test.ts` counts them. */
export const exceptions: Readonly<Record<string, Exception>> = {};

/** The reason why a row cannot be tested on this kind of broker; undefined if it can. */
export function notTestableHere(id: string, isExternal: boolean): string | undefined {
  const exception = exceptions[id];
  if (exception === undefined) return undefined;
  const { reason, only } = exception;
  return only === undefined || (only === 'external') === isExternal ? reason : undefined;
}
