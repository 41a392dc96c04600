import { AlreadyExistsError } from '../../model/errors';

/** Another run claimed the object since this one read its record. */
export class LedgerConflictError extends AlreadyExistsError {
  constructor(
    attempted: string,
    /** Whose the record is now. */
    readonly owner: string,
  ) {
    super({
      attempted,
      found: `another run has recorded it for ${owner} since this one read the record`,
      next: 'Run again. If both declare the object, rename it in one of them',
    });
    // The name by which users know it.
    this.name = AlreadyExistsError.name;
  }
}
