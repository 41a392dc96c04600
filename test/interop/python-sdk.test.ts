import { registerTour } from './tour/register';

/** The official Python client, version 1.3.1, unmodified, through the proxy. Each step is named by rows of the seed. */
registerTour('memphis-py');
