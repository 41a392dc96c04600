import { ConnectionSettingsError } from '../model/connection';
import { AuthenticationError, ConnectionError, TimeoutError } from '../model/errors';

/** The exit codes of every command, for pipelines. */
export const ExitCode = {
  /** Done; nothing differs, every expectation is met. */
  OK: 0,
  /** The command failed. */
  ERROR: 1,
  /** Something differs, or an expectation is not met. */
  CHANGES: 2,
  /** The broker cannot be reached, or it refused the login; also when settings are missing that say where it is. */
  UNREACHABLE: 3,
} as const;

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  const unreachable = [ConnectionError, AuthenticationError, TimeoutError, ConnectionSettingsError];
  return unreachable.some((each) => error instanceof each) ? ExitCode.UNREACHABLE : ExitCode.ERROR;
}
