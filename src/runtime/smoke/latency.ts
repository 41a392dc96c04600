import type { Histogram } from 'hdr-histogram-js';
import type { SmokeLatency } from './result';

/** Upper bounds of the histogram in milliseconds; the last one has none. */
const bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

const MICROSECONDS = 1_000;

/** Collects latencies. A few are kept exactly; a load goes into an HDR histogram, whose size does not grow. */
export class Latencies {
  readonly #counts = new Array<number>(bounds.length + 1).fill(0);
  readonly #exact: number[] = [];
  readonly #histogram: Histogram | undefined;
  #count = 0;
  #max = 0;

  private constructor(histogram: Histogram | undefined) {
    this.#histogram = histogram;
  }

  static exact(): Latencies {
    return new Latencies(undefined);
  }

  /** For any number of values, with three digits of each. */
  static async ofLoad(): Promise<Latencies> {
    // Loading it takes longer than a whole small test.
    const { build } = await import('hdr-histogram-js');
    return new Latencies(
      build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: 3_600_000 * MICROSECONDS,
        numberOfSignificantValueDigits: 3,
        useWebAssembly: false,
      }),
    );
  }

  add(milliseconds: number): void {
    const value = Math.max(0, milliseconds);
    this.#count += 1;
    this.#max = Math.max(this.#max, value);
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    if (this.#histogram === undefined) this.#exact.push(value);
    else this.#histogram.recordValue(Math.max(1, Math.round(value * MICROSECONDS)));
  }

  /** Undefined when nothing came. */
  summary(): SmokeLatency | undefined {
    if (this.#count === 0) return undefined;
    const sorted = [...this.#exact].sort((a, b) => a - b);
    const at = (percentile: number): number => {
      const exact = sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)];
      return rounded(exact ?? (this.#histogram?.getValueAtPercentile(percentile) ?? 0) / MICROSECONDS);
    };
    const histogram = this.#counts.map((count, index) => ({
      upToMs: bounds[index] ?? Math.ceil(this.#max),
      count,
    }));
    // The empty buckets at both ends say nothing.
    const first = histogram.findIndex(({ count }) => count > 0);
    const last = histogram.findLastIndex(({ count }) => count > 0);
    return {
      ...{ p50: at(50), p95: at(95), p99: at(99), max: rounded(this.#max) },
      histogram: histogram.slice(first, last + 1),
    };
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

/** Latency and throughput behind a sentence, for people; empty when nothing came. */
export function numbersText(latency: SmokeLatency | undefined, throughput: number | undefined): string {
  if (latency === undefined) return '';
  const { p50, p99, max } = latency;
  const rate = throughput === undefined ? '' : `, ${throughput} messages a second`;
  return `; p50 ${p50} ms, p99 ${p99} ms, max ${max} ms${rate}`;
}
