const PARENT_POLL_MS = 250;

/**
 * Settles on Ctrl-C and its like. A second one ends the process at once, as in every other command.
 * @param withParent whether the end of the process that started this one counts, too: npx passes no signal on.
 */
export function stopAsked({ withParent }: { readonly withParent: boolean }): Promise<'asked'> {
  return new Promise((resolve) => {
    const ask = (): void => resolve('asked');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, ask);
    if (!withParent) return;
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) ask();
    }, PARENT_POLL_MS).unref();
  });
}
