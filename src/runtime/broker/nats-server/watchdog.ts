import { spawn } from 'node:child_process';

/** Ends a server whose owner was killed so hard that it could not. */
interface Watchdog {
  /** Call it when the server has ended. */
  stop(): void;
}

/**
 * Starts a shell that waits on a pipe from this process. The pipe closes when this process dies, even by SIGKILL, and the
 * shell then kills the server and removes its folder. Without a POSIX shell there is no watchdog; the lock of the store
 * (see store-lock.ts) then finds the server at the next start.
 */
export function startWatchdog(serverPid: number, folder: string): Watchdog {
  if (process.platform === 'win32') return { stop: () => undefined };
  const shell = spawn(
    '/bin/sh',
    ['-c', 'cat >/dev/null; kill -9 "$1"; rm -rf -- "$2"', 'sh', String(serverPid), folder],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  // The pipe must not keep this process alive; only its closing matters.
  (shell.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    stop: () => {
      // The group, because the shell waits for a child of its own.
      if (shell.pid !== undefined && shell.exitCode === null && shell.signalCode === null) {
        try {
          process.kill(-shell.pid, 'SIGKILL');
        } catch {
          // It is gone already.
        }
      }
    },
  };
}
