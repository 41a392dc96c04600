/** A test that is titled by what an official client does wrong, and fails when our runtime does it, too. */
export function notRepeated(defect: string, verify: () => Promise<void>): void {
  test(`not repeated: ${defect}`, verify);
}
