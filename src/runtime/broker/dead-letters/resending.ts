/** The stations whose dead letters are all being sent again. */
export class Resending {
  readonly #stations = new Set<number>();
  #hasEverRun = false;

  /** True once it has been asked for since the start. */
  get isKnown(): boolean {
    return this.#hasEverRun;
  }

  isRunning({ id }: { readonly id: number }): boolean {
    return this.#stations.has(id);
  }

  begin(stationId: number): void {
    this.#hasEverRun = true;
    this.#stations.add(stationId);
  }

  end(stationId: number): void {
    this.#stations.delete(stationId);
  }
}
