import { AuthenticationError, ConnectionError, TimeoutError } from '../model/errors';

/** The exit codes of every command, for pipelines. */
export const ExitCode = {
  /** Done; nothing differs, every expectation is met. */
  OK: 0,
  /** The command failed. */
  ERROR: 1,
  /** Something differs, or an expectation is not met. */
  CHANGES: 2,
  /** The broker cannot be reached, or it refused the login. */
  UNREACHABLE: 3,
} as const;

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  const isUnreachable =
    error instanceof ConnectionError || error instanceof AuthenticationError || error instanceof TimeoutError;
  return isUnreachable ? ExitCode.UNREACHABLE : ExitCode.ERROR;
}
