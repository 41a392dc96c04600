import { serve } from '../../../src/runtime/provider/framework/serve';

void serve(
  () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the way that keeps it out of the start
    const { nullProvider } = require('./provider') as typeof import('./provider');
    return nullProvider;
  },
  { version: '3.2.4', address: 'hashicorp/null' },
);
