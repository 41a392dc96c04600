export { connectAdmin } from './connect';
export { LedgerConflictError } from './ledger';
export type { Ledger, LedgerAttachments, LedgerKind, LedgerRecord } from './ledger';
export type {
  Admin,
  BrokerFacts,
  DlsFlags,
  SchemaCreation,
  SchemaDetails,
  SchemaRow,
  SchemaVersion,
  StationCreation,
  StationDetails,
  StationRow,
} from './port';
export type { ConsumerInfo, StreamConfig, StreamInfo, StreamState } from './stream';
export { NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_SECOND } from './stream';
export { readTieredStorage, withTieredStorage } from './tiered-storage';
export { refuseMissingDlsStation, refuseReplicasOnSingleNode } from './unsafe-requests';
