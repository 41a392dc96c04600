import { ConnectionError, ProtocolError, TimeoutError } from '../../model/errors';
import { RestRefusal } from './rest';

/**
 * True when the broker may have carried out a request although it failed: there was no answer, the answer cannot be read,
 * or it has a status of 500 or more, which a Memphis broker also sends after it has made the object.
 */
export function mayHaveHappened(error: unknown): boolean {
  return (
    error instanceof TimeoutError ||
    error instanceof ConnectionError ||
    error instanceof ProtocolError ||
    (error instanceof RestRefusal && error.status >= 500)
  );
}
