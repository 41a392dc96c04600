import type { LedgerFrozen, StreamInfo } from '../../../admin';
import type { Carry } from './carry';

/** How messages get out of the old station and into the new one. Every call may be repeated after a crash. */
export interface CarryMethod {
  /** Copies what the frozen partitions hold. @returns what was copied, for every partition */
  copyOut(carry: Carry, frozen: readonly StreamInfo[]): Promise<readonly LedgerFrozen[]>;
  /** @throws MessageLossError when the copies hold less than the old station */
  refuseShortfall(carry: Carry, held: readonly LedgerFrozen[]): Promise<void>;
  /** Makes the copies independent of the old station. */
  cut(carry: Carry, held: readonly LedgerFrozen[]): Promise<void>;
  /** Creates the new station, once the old one is gone. */
  create(carry: Carry): Promise<void>;
  /** Fills the new station, and checks that everything has come. */
  copyBack(carry: Carry): Promise<void>;
  /** Lets publishers into the new station. */
  open(carry: Carry): Promise<void>;
}
