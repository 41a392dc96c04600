import { MemphisError } from '../../src/model/errors';

/** What a promise rejects with; a promise that resolves is an error. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

/** The same for an error of this package; any other one is a failure of the test. */
export async function refusal(promise: Promise<unknown>): Promise<MemphisError> {
  const error = await rejection(promise);
  if (error instanceof MemphisError) return error;
  throw error;
}
