import { serve } from '../../../src/runtime/provider/framework/serve';
import type * as ProviderModule from './provider';

void serve(
  () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the way that keeps it out of the start
    const { toyProvider } = require('./provider') as typeof ProviderModule;
    return toyProvider;
  },
  { version: '1.0.0', address: 'toy.invalid/test/toy' },
);
