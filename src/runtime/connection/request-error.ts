import {
  BrokerRefusedError,
  ConnectionError,
  errorText,
  MemphisError,
  TimeoutError,
} from '../../model/errors';

/** The codes that the NATS client and `Requests` have for a request without a reply. */
function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

export function isTimeout(error: unknown): boolean {
  return codeOf(error) === 'TIMEOUT';
}

export function isNoResponders(error: unknown): boolean {
  return codeOf(error) === '503';
}

export function isForbidden(error: unknown): boolean {
  return codeOf(error) === 'PERMISSIONS_VIOLATION';
}

/**
 * The typed error for a request without a reply.
 * @param waited how long it was waited for: `5000 ms`
 */
export function explainRequestError(error: unknown, attempted: string, waited: string): Error {
  if (error instanceof MemphisError) return error;
  if (isTimeout(error)) {
    return new TimeoutError({
      attempted,
      found: `the broker did not answer (${waited})`,
      next: 'Check that the broker is up, and that the user may do this: a refusal can look like silence',
      cause: error,
    });
  }
  if (isNoResponders(error)) {
    return new ConnectionError({
      attempted,
      found: 'nothing at this address answers such a request',
      next: 'Check that the address is that of a Memphis broker and that it has started up',
      cause: error,
    });
  }
  if (isForbidden(error)) {
    return new BrokerRefusedError({
      attempted,
      found: errorText(error),
      next: 'Check the permissions of the user',
      cause: error,
    });
  }
  return new ConnectionError({
    attempted,
    found: errorText(error),
    next: 'Check the connection to the broker',
    cause: error,
  });
}
