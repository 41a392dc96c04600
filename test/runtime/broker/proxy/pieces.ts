import fc from 'fast-check';

/** Places where a stream is cut, before they are fitted to its length. */
export const randomCuts = fc.array(fc.nat(3_000), { maxLength: 40 });

/** The same places inside of a stream of that length, in order. */
export function cutsWithin(length: number, cuts: readonly number[]): number[] {
  return cuts.map((cut) => cut % (length + 1)).sort((left, right) => left - right);
}

/** A stream in the pieces that a socket could give. Copies, as a socket may use its buffer again. */
export function pieces(input: Buffer, cuts: readonly number[]): Buffer[] {
  let from = 0;
  return [...cuts, input.length].map((cut) => {
    const to = Math.min(Math.max(cut, from), input.length);
    const piece = Buffer.from(input.subarray(from, to));
    from = to;
    return piece;
  });
}
