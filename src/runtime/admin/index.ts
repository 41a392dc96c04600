export { allStations } from './all-stations';
export { connectAdmin, connectToStreams } from './connect';
export { LedgerConflictError } from './ledger-conflict';
export type {
  Ledger,
  LedgerAttachments,
  LedgerCarry,
  LedgerFrozen,
  LedgerKind,
  LedgerRecord,
  LedgerRequest,
} from './ledger';
export type {
  Admin,
  BrokerFacts,
  Creation,
  DlsFlags,
  NewUser,
  SchemaDetails,
  SchemaRow,
  SchemaVersion,
  StationCreation,
  StationDetails,
  StationHistoryLine,
  StationListing,
  StationRow,
  StreamWatcher,
  UserRow,
} from './port';
export type { ConsumerInfo, StreamConfig, StreamInfo, StreamState } from '../../model/stream';
export { NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_SECOND } from '../../model/stream';
export { readTieredStorage, withTieredStorage } from '../../model/tiered-storage';
export { readOnly } from './read-only';
export { mayHaveHappened } from './unknown-outcome';
export { SmokeRecords } from './smoke-records';
export type { SmokeGroup, SmokeRecord, SmokeStream } from './smoke-records';
export { restOnlyStationFields } from './streams-only';
export { refuseMissingDlsStation, refuseReplicasOnSingleNode } from './unsafe-requests';
export { notOneBroker, proofOfTwoBrokers, requireOneBroker } from './one-broker';
