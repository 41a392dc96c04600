import { join } from 'node:path';

/** The folder of this package: two levels up from `lib/constructs`, and from `src/constructs` when sources are run. */
export const packageRoot = join(__dirname, '..', '..');
