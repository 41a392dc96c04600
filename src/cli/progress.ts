import type { Writable } from 'node:stream';

import type { MaybeTerminal, ProcessEnvironment } from './terminal';
import { isInteractive } from './terminal';

/** Says on stderr what a command does: one line that is written over on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #stream: Writable & MaybeTerminal;
  readonly #isAnimated: boolean;
  #isShown = false;

  constructor(
    stream: Writable & MaybeTerminal = process.stderr,
    environment: ProcessEnvironment = process.env,
  ) {
    this.#stream = stream;
    this.#isAnimated = isInteractive(stream, environment);
  }

  /** @param text what begins now, as the rest of a line: `reading 127.0.0.1:6666` */
  readonly step = (text: string): void => {
    this.#stream.write(this.#isAnimated ? `${CLEAR_LINE}${text} …` : `${text}\n`);
    this.#isShown = true;
  };

  /** Takes the line of a terminal away, so that the next text has one of its own. */
  end(): void {
    if (this.#isAnimated && this.#isShown) this.#stream.write(CLEAR_LINE);
    this.#isShown = false;
  }
}

const CLEAR_LINE = '\r\u001B[2K';
