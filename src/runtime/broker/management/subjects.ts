import { FOREIGN_REQUESTS } from '../proxy';

/** The requests of the management protocol. */
export const MANAGEMENT_SUBJECTS = [
  '$memphis_station_creations',
  '$memphis_station_destructions',
  '$memphis_producer_creations',
  '$memphis_producer_destructions',
  '$memphis_consumer_creations',
  '$memphis_consumer_destructions',
  '$memphis_schema_creations',
  '$memphis_schema_attachments',
  '$memphis_schema_detachments',
] as const;

/** What the control plane answers: requests of clients that the server brings over to the account of the metadata. */
export const SERVED_SUBJECTS: readonly string[] = [...MANAGEMENT_SUBJECTS, FOREIGN_REQUESTS];
