import { serve } from './framework/serve';
import { PROVIDER_ADDRESS } from '../../model/provider-address';

/** Replaced by the version of the package when the provider is bundled. */
declare const PACKAGE_VERSION: string;

void serve(
  () => {
    // Loaded after the handshake, which is all that three of the five processes of a command do in a hurry.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle
    const { memphisProvider } = require('./resources/provider') as typeof import('./resources/provider');
    return memphisProvider;
  },
  { version: PACKAGE_VERSION, address: PROVIDER_ADDRESS },
);
