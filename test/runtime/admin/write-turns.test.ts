import { setTimeout as delay } from 'node:timers/promises';
import { WriteTurns } from '../../../src/runtime/admin/write-turns';

/** Notes when each write begins and ends. */
function recorder(turns: WriteTurns) {
  const log: string[] = [];
  const write = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await delay(20);
    log.push(`${name} ends`);
    return name;
  };
  return {
    log,
    user: (name: string) => turns.users(write(name)),
    station: (name: string) => turns.stations(write(name)),
  };
}

test('stations are written together, users one by one, and never both; then the broker has time to reload', async () => {
  const { log, user, station } = recorder(new WriteTurns(() => Promise.resolve(false), 100));
  const first = [station('s1'), station('s2')];
  await delay(5);
  const users = [user('u1'), user('u2')];
  const last = station('s3');
  await Promise.all([...first, ...users]);
  const reloading = Date.now();
  expect(await last).toBe('s3');
  expect(Date.now() - reloading).toBeGreaterThanOrEqual(90);
  expect(log).toEqual([
    's1 begins',
    's2 begins',
    's1 ends',
    's2 ends',
    'u1 begins',
    'u1 ends',
    'u2 begins',
    'u2 ends',
    's3 begins',
    's3 ends',
  ]);
});

test.each<[string, (turns: WriteTurns) => void, () => Promise<boolean>, boolean]>([
  ['where there are users with lists', () => undefined, () => Promise.resolve(true), true],
  ['once such a user comes', (turns) => turns.limitedUserComes(), () => Promise.resolve(false), true],
  ['not where nobody can tell', () => undefined, () => Promise.reject(new Error('no')), false],
])('stations are written one by one %s', async (_, before, hasLimitedUsers, isOneByOne) => {
  const turns = new WriteTurns(hasLimitedUsers, 0);
  before(turns);
  const { log, station } = recorder(turns);
  await Promise.all([station('a'), station('b')]);
  expect(log[1] === 'a ends').toBe(isOneByOne);
});

test('a write that fails ends its turn', async () => {
  const turns = new WriteTurns(() => Promise.resolve(true), 0);
  const fails = () => Promise.reject(new Error('refused'));
  await expect(turns.users(fails)).rejects.toThrow('refused');
  await expect(turns.stations(fails)).rejects.toThrow('refused');
  expect(await turns.stations(() => Promise.resolve(1))).toBe(1);
  expect(await turns.users(() => Promise.resolve(2))).toBe(2);
});
