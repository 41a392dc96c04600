import { registerTour } from './tour/register';

/** The official JavaScript client, version 1.3.2, unmodified, through the proxy. Each step is named by rows of the seed. */
registerTour('memphis-dev');
