/**
 * Lets calls that are made at the same time share one request. A caller never gets an answer to a request that had
 * started before it asked, so what it reads is at least as new as its call.
 */
export function shared<T>(request: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next === undefined) {
      const mine = running.then(() => {
        next = undefined;
        const started = request();
        running = started.catch(() => undefined);
        return started;
      });
      next = mine;
    }
    return next;
  };
}
