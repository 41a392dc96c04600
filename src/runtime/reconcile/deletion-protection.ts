import { DeletionProtectedError } from '../../model/errors';

/**
 * The refusal to destroy or replace a protected object.
 * @param kind `station`
 */
export function deletionProtectedError(
  kind: string,
  name: string,
  operation: 'destroy' | 'replace',
  why?: string,
): DeletionProtectedError {
  return new DeletionProtectedError({
    attempted: `${operation} ${kind} "${name}"`,
    found: `the ${kind} is protected (deletionProtection)${why === undefined ? '' : `, and ${why}`}; nothing was changed`,
    next: `If that is what you want, set deletionProtection: false on the ${kind} and deploy that alone, then ${operation === 'destroy' ? 'destroy' : 'deploy the change'} again`,
  });
}
