/**
 * What to do about a line that nats-server logs when it cannot store anything; undefined for all other lines.
 * Without JetStream it stays until its next start; otherwise it stores again as soon as there is space.
 */
export function diskAdvice(line: string): string | undefined {
  if (/JetStream out of .*DISABLED/i.test(line)) {
    return 'could not store data: the disk is full, and nats-server has disabled JetStream. Free space, then start the broker again.';
  }
  if (/no space left on device|disk quota exceeded/i.test(line)) {
    return 'could not store data: the disk of the store is full. Free space; the broker then continues.';
  }
  if (/JetStream resource limits exceeded/i.test(line)) {
    return 'could not store data: the store has reached three quarters of the disk space that was free at the start. Purge or remove stations, or free space and start the broker again.';
  }
  return undefined;
}
