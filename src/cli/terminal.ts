/** The environment variables of a process. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** As much of stdout or stderr as tells whether a person watches. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** True where progress may be animated: on a terminal that moves its cursor, and not in CI. */
export function isInteractive(stream: MaybeTerminal, environment: ProcessEnvironment): boolean {
  return stream.isTTY === true && !isCi(environment) && environment.TERM !== 'dumb';
}

/** True where colours may be printed. `NO_COLOR` switches them off; nothing switches them on without a terminal. */
export function isColoured(stream: MaybeTerminal, environment: ProcessEnvironment): boolean {
  return isInteractive(stream, environment) && (environment.NO_COLOR ?? '') === '';
}

function isCi({ CI }: ProcessEnvironment): boolean {
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
}
