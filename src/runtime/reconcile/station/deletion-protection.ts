import { DeletionProtectedError } from '../../../model/errors';

/** The refusal to destroy or replace a protected station. */
export function deletionProtectedError(
  station: string,
  operation: 'destroy' | 'replace',
  why?: string,
): DeletionProtectedError {
  return new DeletionProtectedError({
    attempted: `${operation} station "${station}"`,
    found: `the station is protected (deletionProtection)${why === undefined ? '' : `, and ${why}`}; nothing was changed`,
    next: `If that is what you want, set deletionProtection: false on the station and deploy that alone, then ${operation === 'destroy' ? 'destroy' : 'deploy the change'} again`,
  });
}
