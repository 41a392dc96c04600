import type { SdkName } from '../sdk/official-sdk';

/**
 * Why a row has no step:
 * - `documentation`: it is about documents, not about what a client does;
 * - `speed`: it is about cost, which the bench measures;
 * - `missing`: this client does not have it;
 * - `compiled`: packages that it needs bring compiled modules.
 */
type Reason = 'documentation' | 'speed' | 'missing' | 'compiled';

/** The rows that are no step of a client's tour. `coverage.test.ts` holds steps and this table against the list of rows. */
export const notInTheSdk: Readonly<Record<SdkName, Readonly<Record<string, Reason>>>> = {
  'memphis-dev': {
    'CON-22': 'documentation',
    'PRD-3': 'speed',
    // No `concurrentTaskLimit`.
    'NBL-3': 'missing',
    'NBL-4': 'missing',
    // An empty round calls no handler.
    'CSM-4': 'missing',
    'PRF-1': 'missing',
    'PRF-2': 'missing',
    'PRF-3': 'missing',
  },
  'memphis-py': {
    'PKG-2': 'compiled',
    // Its examples are the text of the seed itself, whose slips make some of them no Python.
    'PKG-10': 'documentation',
    'CON-22': 'documentation',
    'PRD-3': 'speed',
    // Headers are objects of its own class only.
    'HDR-2': 'missing',
    'HDR-4': 'missing',
  },
};
