import type { Msg } from 'nats';
import { SMOKE_HEADER, SMOKE_MESSAGE_HEADER } from '../../model/smoke-test';
import { headerBytes } from '../connection/nats-internals';

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** What a message of a run is: one of its traffic, by number, or another one that the run sent. */
export type Marked = number | 'other' | undefined;

/** The headers by which a run knows its messages. */
export class Mark {
  readonly #runId: string;
  readonly #line: string;
  readonly #wanted: Buffer;

  constructor(runId: string) {
    this.#runId = runId;
    this.#line = `${SMOKE_HEADER}: ${runId}\r\n`;
    this.#wanted = Buffer.from(`\r\n${this.#line}${SMOKE_MESSAGE_HEADER}: `);
  }

  /** The header lines of a message of the traffic. */
  lines(number: number): string {
    return `${this.#line}${SMOKE_MESSAGE_HEADER}: ${number}\r\n`;
  }

  /** What a message is for this run; undefined for one of somebody else. */
  of(message: Msg): Marked {
    const block = headerBytes(message);
    if (block === undefined) return undefined;
    const at = block.indexOf(this.#wanted);
    // Nearly all of them: read without making strings.
    if (at !== -1) return numberAt(block, at + this.#wanted.length);
    const { headers } = message;
    return headers?.get(SMOKE_HEADER) === this.#runId ? 'other' : undefined;
  }
}

function numberAt(block: Buffer, begin: number): number {
  let number = 0;
  for (let at = begin; at < block.length; at += 1) {
    const digit = block[at] ?? 0;
    if (digit < DIGIT_0 || digit > DIGIT_9) break;
    number = number * 10 + (digit - DIGIT_0);
  }
  return number;
}
