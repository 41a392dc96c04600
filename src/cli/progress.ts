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
    this.#show(this.#isAnimated ? `${text} …` : text);
  };

  /**
   * Shows on a terminal how much is done, as a bar with a caption.
   * @param part of the whole, from 0 to 1
   * @param line what is said elsewhere, such as what came of the last piece of work; undefined for nothing
   */
  readonly part = (part: number, text: string, line: string | undefined): void => {
    if (this.#isAnimated) this.#show(`${bar(part)} ${text}`);
    else if (line !== undefined) this.#show(line);
  };

  /** Takes the line of a terminal away, so that the next text has one of its own. */
  end(): void {
    if (this.#isAnimated && this.#isShown) this.#stream.write(CLEAR_LINE);
    this.#isShown = false;
  }

  #show(text: string): void {
    this.#stream.write(this.#isAnimated ? `${CLEAR_LINE}${text}` : `${text}\n`);
    this.#isShown = true;
  }
}

const CLEAR_LINE = '\r\u001B[2K';

const BAR_LENGTH = 24;

function bar(part: number): string {
  const filled = Math.round(BAR_LENGTH * Math.min(1, Math.max(0, part)));
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_LENGTH - filled)}`;
}
