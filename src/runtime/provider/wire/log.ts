/** Levels of Terraform's log that are used. */
type LogLevel = 'debug' | 'error';

/** Facts that go with a log line. Never put a secret here. */
type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * One line of Terraform's log. Terraform takes it as a log record only when the time stamp has exactly six
 * fraction digits; `Date` has three.
 */
export function logLine(
  level: LogLevel,
  module: string,
  text: string,
  fields: LogFields,
  now = new Date(),
): string {
  const timestamp = now.toISOString().replace('Z', '000Z');
  const record = {
    '@level': level,
    '@message': text,
    '@module': module,
    '@timestamp': timestamp,
    ...fields,
  };
  return `${JSON.stringify(record)}\n`;
}

/** Writes to Terraform's log, which is the provider's stderr; users see it with `TF_LOG` or `TF_LOG_PROVIDER`. */
export class Log {
  readonly #wanted: boolean;

  readonly #module: string;

  /**
   * @param module name in front of each line, such as `provider.memphis`
   * @param environment where `TF_LOG` and `TF_LOG_PROVIDER` are looked up
   */
  constructor(module: string, environment: NodeJS.ProcessEnv = process.env) {
    this.#module = module;

    this.#wanted = Boolean(environment.TF_LOG ?? environment.TF_LOG_PROVIDER);
  }

  /** For problems that a reader of the log must see; written always. */
  error(text: string, fields: LogFields = {}): void {
    process.stderr.write(logLine('error', this.#module, text, fields));
  }

  /** For everything else; written only when somebody asked for a log. */
  debug(text: string, fields: LogFields = {}): void {
    if (this.#wanted) process.stderr.write(logLine('debug', this.#module, text, fields));
  }
}
