import type { Retention } from '../model/retention';
import { retentionUnits } from '../model/retention';
import { stationFields } from '../model/station';

/** What the retention of a station was when it was declared, and which parts of it have been set since. */
export class LimitUnit {
  readonly #declared: Retention;
  readonly #limit: unknown;
  #isLimitSet = false;

  constructor({ retentionType, retentionValue }: RetentionProps) {
    this.#declared = (retentionType ?? stationFields.retentionType.default) as Retention;
    this.#limit = retentionValue;
  }

  /** Takes note of a prop that has been set. */
  changed(name: string): void {
    if (name === 'retentionValue') this.#isLimitSet = true;
  }

  /**
   * The problem of a retention that was set without its limit: the number that was declared would silently count seconds
   * as bytes.
   */
  problems({ retentionType = stationFields.retentionType.default }: RetentionProps): string[] {
    const [before, now] = [retentionUnits[this.#declared], retentionUnits[retentionType as Retention]];
    if (this.#isLimitSet || typeof this.#limit !== 'number' || before === now) return [];
    if (before === undefined || now === undefined) return [];
    return [
      `retentionType has been set, but retentionValue is still ${this.#limit} ${before}; set it, too (${now})`,
    ];
  }
}

interface RetentionProps {
  readonly retentionType?: unknown;
  readonly retentionValue?: unknown;
}
