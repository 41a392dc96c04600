interface Exception {
  readonly reason: string;
  /** Left out: on every broker. */
  readonly only?: 'local' | 'external';
}

const withoutDeadLetters: Exception = { reason: 'the local broker keeps no dead letters yet', only: 'local' };

/** Rows without a test, and why. At most twelve on the local broker; `catalogue.test.ts` counts them. */
export const exceptions: Readonly<Record<string, Exception>> = {
  'DLS-1': withoutDeadLetters,
  'DLS-2': withoutDeadLetters,
  'DLS-3': withoutDeadLetters,
  'DLS-6': withoutDeadLetters,
  'CNS-12': withoutDeadLetters,
  'CNS-13': withoutDeadLetters,
  'CSM-11': withoutDeadLetters,
  'MSG-5': withoutDeadLetters,
  'MSG-8': withoutDeadLetters,
  'MSG-12': withoutDeadLetters,
};

/** The reason why a row cannot be tested on this kind of broker; undefined if it can. */
export function notTestableHere(id: string, isExternal: boolean): string | undefined {
  const exception = exceptions[id];
  if (exception === undefined) return undefined;
  const { reason, only } = exception;
  return only === undefined || (only === 'external') === isExternal ? reason : undefined;
}
