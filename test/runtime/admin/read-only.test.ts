import { readOnly } from '../../../src/runtime/admin';
import type { Admin } from '../../../src/runtime/admin';

const reads = [
  'listStreams',
  'readStream',
  'listConsumers',
  'countBySubject',
  'watchStreams',
  'listStations',
  'listNewestStations',
  'readStation',
  'readStationHistory',
  'listSchemas',
  'readSchema',
  'listUsers',
  'canLogIn',
  'readClusterSettings',
  'close',
] as const satisfies readonly (keyof Admin)[];

const writes = [
  'updateStream',
  'createStream',
  'deleteStream',
  'takeSnapshot',
  'restoreSnapshot',
  'createConsumer',
  'createStation',
  'removeStation',
  'setDlsConfiguration',
  'attachDlsStation',
  'detachDlsStation',
  'addStationTags',
  'removeStationTag',
  'createSchema',
  'createSchemaVersion',
  'activateSchemaVersion',
  'removeSchema',
  'attachSchema',
  'detachSchema',
  'createUser',
  'removeUser',
  'updateClusterSettings',
] as const satisfies readonly (keyof Admin)[];

type Calls = Readonly<Record<string, () => Promise<void>>>;

test('every call that is not a read is refused before anything is sent', async () => {
  const called: string[] = [];
  const recorders = (names: readonly string[], path = '') =>
    names.map((name) => [name, () => Promise.resolve(called.push(`${path}${name}`))] as const);
  const admin = readOnly({
    // A call that comes later and is named like nothing here is refused, too.
    ...Object.fromEntries(recorders([...reads, ...writes, 'purgeStation'])),
    ledger: Object.fromEntries(
      recorders(['brokerId', 'read', 'list', 'ensureBrokerId', 'write', 'remove'], 'ledger.'),
    ),
  } as unknown as Admin);
  const calls = admin as unknown as Calls;
  for (const name of [...writes, 'purgeStation']) {
    await expect(calls[name]?.()).rejects.toMatchObject({
      code: 'MEMPHIS_UNSAFE_REQUEST',
      attempted: `call ${name}`,
      found: 'this command only reads; nothing was sent',
    });
  }
  const ledger = admin.ledger as unknown as Calls;
  for (const name of ['ensureBrokerId', 'write', 'remove'])
    await expect(ledger[name]?.()).rejects.toThrow('only reads');
  for (const name of reads) await calls[name]?.();
  await ledger.read?.();
  expect(called).toEqual([...reads, 'ledger.read']);
});
