import { readOnly } from '../../../src/runtime/admin';
import type { Admin } from '../../../src/runtime/admin';

test('every call that is not a read is refused before anything is sent', async () => {
  const called: string[] = [];
  const recorder = (path: string) =>
    new Proxy(
      {},
      {
        ownKeys: () => [],
        get: (_, name) => () => {
          called.push(`${path}${String(name)}`);
          return Promise.resolve();
        },
      },
    );
  const admin = readOnly({ ...recorder(''), ledger: recorder('ledger.') } as unknown as Admin);
  const calls = admin as unknown as Readonly<Record<string, unknown>>;
  const writes = Object.keys(calls).filter((name) =>
    /^(?:update|create|remove|set|attach|detach|add|activate)/.test(name),
  );
  expect(writes).toHaveLength(19);
  for (const name of writes) {
    await expect((calls[name] as () => Promise<void>)()).rejects.toMatchObject({
      code: 'MEMPHIS_UNSAFE_REQUEST',
      found: 'this command only reads; nothing was sent',
    });
  }
  const { ledger } = admin;
  for (const write of [
    ledger.ensureBrokerId(),
    ledger.write('station', 'a', { owner: '', state: 'pending' }),
    ledger.remove('station', 'a'),
  ])
    await expect(write).rejects.toThrow('only reads');
  await ledger.read('station', 'a');
  expect(called).toEqual(['ledger.read']);
});
