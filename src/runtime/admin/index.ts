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
  NewUser,
  SchemaDetails,
  SchemaRow,
  SchemaVersion,
  StationCreation,
  StationDetails,
  StationHistoryLine,
  StationRow,
  UserRow,
} from './port';

export type { StreamConfig, StreamInfo } from '../../model/stream';

export { readOnly } from './read-only';
export { mayHaveHappened } from './unknown-outcome';
export { SmokeRecords } from './smoke-records';
export type { SmokeGroup, SmokeRecord, SmokeStream } from './smoke-records';
export { restOnlyStationFields } from './streams-only';

export { requireOneBroker } from './one-broker';
