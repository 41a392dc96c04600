import { BrokerRefusedError } from '../../../../model/errors';
import type { CanonicalStation } from '../../../../model/station';
import type { LedgerAttachments, LedgerCarry, LedgerRecord } from '../../../admin';
import type { DeclaredOwner } from '../../kind';
import type { Run } from '../../run';
import { undecided } from '../replacement';

/** What a carry needs to begin. */
export interface CarryStart {
  readonly run: Run;
  /** Name of the old station. */
  readonly from: string;
  /** The broker's own id of the old station. */
  readonly uid: string;
  readonly claim: DeclaredOwner;
  readonly attachments: LedgerAttachments;
  readonly record: LedgerCarry;
  /** Messages above the limits of the new station may be dropped. */
  readonly allowMessageLoss: boolean;
  /** Gets what users should know of it afterwards, in whole sentences. */
  readonly notice?: ((text: string) => void) | undefined;
}

/**
 * One carry of messages from a station into the one that replaces it. How far it has come stands in the ledger, so that
 * whatever interrupts it, the next run resumes it or takes it back.
 */
export class Carry {
  readonly run: Run;
  readonly from: string;
  readonly uid: string;
  readonly claim: DeclaredOwner;
  readonly attachments: LedgerAttachments;
  readonly allowMessageLoss: boolean;
  readonly notice: (text: string) => void;
  #record: LedgerCarry;

  constructor({ run, from, uid, claim, attachments, record, ...start }: CarryStart) {
    this.allowMessageLoss = start.allowMessageLoss;
    this.notice = start.notice ?? (() => undefined);
    this.run = run;
    this.from = from;
    this.uid = uid;
    this.claim = claim;
    this.attachments = attachments;
    this.#record = record;
  }

  /** How far it has come. */
  get record(): LedgerCarry {
    return this.#record;
  }

  /** The new station. */
  get station(): CanonicalStation {
    return this.#record.station as unknown as CanonicalStation;
  }

  /** What is attempted, as errors begin. */
  get attempted(): string {
    return `carry the messages of station "${this.from}"`;
  }

  /**
   * Ends a run that nobody waits for any more. The next run may be at work already: two of them at the same copies would
   * count each other's.
   * @throws AbandonedError
   */
  refuseWhenAbandoned(): void {
    if (this.run.isAbandoned) throw new AbandonedError(this.attempted);
  }

  /** Writes down how far it has come, before anything else happens. */
  async advance(changes: Partial<LedgerCarry>): Promise<void> {
    this.refuseWhenAbandoned();
    const carry = { ...this.#record, ...changes };
    const { claim, uid } = this;
    const attachments = undecided(this.run, carry.station.name, this.attachments);
    const record: LedgerRecord = { owner: claim.owner, state: 'pending', uid, attachments, carry };
    await this.run.admin.ledger.write('replacement', recordName(this.from), record);
    (await this.run.unfinishedReplacements()).set(recordName(this.from), record);
    this.#record = carry;
  }

  /** Forgets the carry: nothing is left to do, or everything is as it was. */
  async end(): Promise<void> {
    await this.run.admin.ledger.remove('replacement', recordName(this.from));
    (await this.run.unfinishedReplacements()).delete(recordName(this.from));
  }
}

/** The run stops before its next step, as if it had been killed. */
export class AbandonedError extends BrokerRefusedError {
  constructor(attempted: string) {
    super({
      attempted,
      found: 'Terraform ended before; the carry stops here',
      next: 'Deploy again: the next run resumes it or takes it back',
    });
    // The name by which users know it.
    this.name = BrokerRefusedError.name;
  }
}

/** No name of a station has a colon. */
const recordName = (station: string): string => `carry:${station}`;

/** What the ledger says of a carry from a station that was begun and not ended. */
export async function recordedCarry(
  run: Run,
  from: string,
): Promise<(LedgerRecord & { readonly carry: LedgerCarry; readonly uid: string }) | undefined> {
  const record = (await run.unfinishedReplacements()).get(recordName(from));
  if (record?.carry === undefined || record.uid === undefined) return undefined;
  return { ...record, carry: record.carry, uid: record.uid };
}
