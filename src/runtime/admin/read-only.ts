import { UnsafeRequestError } from '../../model/errors';
import type { Ledger } from './ledger';
import type { Admin } from './port';

/** The calls of the port that change nothing. A new call belongs into one of the two lists, or does not compile. */
type AdminReads =
  | 'facts'
  | 'ledger'
  | 'listStreams'
  | 'readStream'
  | 'listConsumers'
  | 'countBySubject'
  | 'watchStreams'
  | 'listStations'
  | 'listNewestStations'
  | 'readStation'
  | 'readStationHistory'
  | 'listSchemas'
  | 'readSchema'
  | 'listUsers'
  | 'canLogIn'
  | 'readClusterSettings'
  | 'close';

type LedgerReads = 'brokerId' | 'read' | 'list';

/** The same port without its writes: each of them throws before anything is sent. */
export function readOnly(admin: Admin): Admin {
  const writes: Omit<Admin, AdminReads> = {
    updateStream: refusal('update a stream'),
    createStream: refusal('create a stream'),
    deleteStream: refusal('delete a stream'),
    takeSnapshot: refusal('store a snapshot'),
    restoreSnapshot: refusal('restore a stream'),
    createConsumer: refusal('create a consumer group'),
    createStation: refusal('create a station'),
    removeStation: refusal('remove a station'),
    setDlsConfiguration: refusal('set dead-letter flags'),
    attachDlsStation: refusal('attach a dead-letter station'),
    detachDlsStation: refusal('detach a dead-letter station'),
    addStationTags: refusal('add tags'),
    removeStationTag: refusal('remove a tag'),
    createSchema: refusal('create a schema'),
    createSchemaVersion: refusal('create a schema version'),
    activateSchemaVersion: refusal('activate a schema version'),
    removeSchema: refusal('remove a schema'),
    attachSchema: refusal('attach a schema'),
    detachSchema: refusal('detach a schema'),
    createUser: refusal('create a user'),
    removeUser: refusal('remove a user'),
    updateClusterSettings: refusal('change the settings of the broker'),
  };
  return { ...admin, ...writes, ledger: readOnlyLedger(admin.ledger) };
}

function readOnlyLedger(ledger: Ledger): Ledger {
  const writes: Omit<Ledger, LedgerReads> = {
    ensureBrokerId: refusal('record the identity of the broker'),
    write: refusal('write a record'),
    remove: refusal('remove a record'),
  };
  return {
    brokerId: () => ledger.brokerId(),
    read: (kind, name) => ledger.read(kind, name),
    list: (kind) => ledger.list(kind),
    ...writes,
  };
}

function refusal(attempted: string): () => Promise<never> {
  return () =>
    Promise.reject(
      new UnsafeRequestError({
        attempted,
        found: 'this command only reads; nothing was sent',
        next: 'Report this as a defect of cdktf-memphis',
      }),
    );
}
