import { inOneLine, plural } from '../model/error-text';
import type { SmokeResult } from '../runtime/smoke';
import { Progress } from './progress';

/** How much is to be done: so many runs, or runs for so many milliseconds. */
export type SmokeExtent = { readonly runs: number } | { readonly forMs: number };

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** What people see while smoke tests run: a bar on a terminal, and a line for each run anywhere else. */
export class SmokeProgress {
  readonly #progress: Progress;
  readonly #extent: SmokeExtent;
  readonly #began = performance.now();
  readonly #seen = new Set<string>();
  #done = 0;
  #failed = 0;

  constructor(extent: SmokeExtent, progress = new Progress()) {
    this.#extent = extent;
    this.#progress = progress;
  }

  /** A run has ended. */
  readonly add = (result: SmokeResult): void => {
    this.#done += 1;
    if (!result.passed) this.#failed += 1;
    const line = this.#isWorthALine(result) ? lineOf(result) : undefined;
    const failed = `${this.#failed} failed`;
    if ('runs' in this.#extent) {
      const { runs } = this.#extent;
      this.#progress.part(this.#done / runs, `${this.#done} of ${runs} runs, ${failed}`, line);
      return;
    }
    const { forMs } = this.#extent;
    const elapsedMs = performance.now() - this.#began;
    const left = timeText(Math.max(0, forMs - elapsedMs));
    this.#progress.part(elapsedMs / forMs, `${plural(this.#done, 'run')}, ${failed}, ${left} left`, line);
  };

  /** All runs have ended. */
  end(): void {
    this.#progress.end();
  }

  /** Tests that run for hours would fill a log: what passes is said once for each test. */
  #isWorthALine({ name, station, passed }: SmokeResult): boolean {
    const key = JSON.stringify([name, station]);
    const isNew = !this.#seen.has(key);
    this.#seen.add(key);
    return 'runs' in this.#extent || isNew || !passed;
  }
}

function timeText(milliseconds: number): string {
  if (milliseconds < MINUTE_MS) return `${Math.ceil(milliseconds / SECOND_MS)} s`;
  return `${Math.ceil(milliseconds / MINUTE_MS)} min`;
}

function lineOf({ name, passed, outcome, steps, expectations, milliseconds }: SmokeResult): string {
  const failed = steps.find((step) => !step.passed);
  const unmet = expectations.find(({ isMet }) => !isMet);
  const why =
    failed !== undefined
      ? `: ${failed.name}: ${inOneLine(failed.detail)}`
      : unmet !== undefined
        ? `: ${unmet.what}: expected ${unmet.expected}, seen ${inOneLine(unmet.seen)}`
        : '';
  return `${passed ? 'passed' : outcome} ${name} (${milliseconds} ms)${why}`;
}
