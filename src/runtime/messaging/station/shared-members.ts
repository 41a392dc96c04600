import { internalName } from '../../../model/names';
import { SharedWork } from '../../connection/shared-work';

/** Producers, or consumers, that are made once for all who ask for them, found by their station and a key. */
export class SharedMembers<T extends object> {
  /** By internal station name, then by key: no separator can be part of a name and confuse two of them. */
  readonly #byStation = new Map<string, Map<string, SharedWork<T>>>();
  readonly #forget = new WeakMap<T, () => void>();

  /**
   * The member, made when there is none; all callers wait for the same one. A failed creation is not what later callers find.
   * @param make its signal is aborted when every caller has gone.
   * @throws the reason of the signal, and then nothing is begun.
   */
  get(
    station: string,
    key: string,
    make: (givenUp: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const internal = internalName(station);
    const known = this.#byStation.get(internal)?.get(key);
    if (known?.isGivenUp === false) return known.wait(signal);
    const begun = new SharedWork(make);
    const ofStation = this.#byStation.get(internal) ?? new Map<string, SharedWork<T>>();
    this.#byStation.set(internal, ofStation.set(key, begun));
    const drop = (): void => this.#drop(internal, key, begun);
    begun.result.then((member) => this.#forget.set(member, drop), drop);
    return begun.wait(signal);
  }

  /** Whether a call would find one that is there or being begun. */
  has(station: string, key: string): boolean {
    return this.#byStation.get(internalName(station))?.get(key)?.isGivenUp === false;
  }

  /** At once, so that no caller finds a member that has ended. */
  forget(member: T): void {
    this.#forget.get(member)?.();
  }

  forgetStation(station: string): void {
    this.#byStation.delete(internalName(station));
  }

  /** All that can be found, when those that are being made are there. */
  async all(): Promise<T[]> {
    const works = [...this.#byStation.values()].flatMap((ofStation) => [...ofStation.values()]);
    const settled = await Promise.allSettled(works.map(({ result }) => result));
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  #drop(internal: string, key: string, begun: SharedWork<T>): void {
    const ofStation = this.#byStation.get(internal);
    if (ofStation?.get(key) !== begun) return;
    ofStation.delete(key);
    if (ofStation.size === 0) this.#byStation.delete(internal);
  }
}
