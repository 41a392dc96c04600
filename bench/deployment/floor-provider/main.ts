import { serve } from '../../../src/runtime/provider/framework/serve';

void serve(
  () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded after the handshake, like ours
    const { floorProvider } = require('./provider') as typeof import('./provider');
    return floorProvider;
  },
  { version: '1.0.0', address: 'npm.invalid/bench/floor' },
);
