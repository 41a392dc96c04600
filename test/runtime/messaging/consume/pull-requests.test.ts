import { PullRequests } from '../../../../src/runtime/messaging/consume/pull-requests';

const soon = (): number => performance.now() + 60_000;

test('what is promised is what was asked for, less what came', () => {
  const requests = new PullRequests();
  requests.add('a', 3, soon());
  requests.received({ subject: 'a' });
  expect(requests.promised).toBe(2);
  requests.add('b', 5, soon());
  requests.received({ subject: 'b' });
  requests.received({ subject: 'a' });
  expect(requests.promised).toBe(5);
});

test('a request whose last message came is closed', () => {
  const requests = new PullRequests();
  requests.add('a', 1, soon());
  requests.received({ subject: 'a' });
  expect(requests.isOpen('a')).toBe(false);
  expect(requests.end('a')).toBe(false);
});

test('a request that the server ends promises nothing more, whatever was left of it', () => {
  const requests = new PullRequests();
  requests.add('a', 3, soon());
  requests.add('b', 4, soon());
  expect(requests.end('a')).toBe(true);
  expect(requests.promised).toBe(4);
});

test('a request whose end nobody heard of is not counted on for ever', () => {
  const requests = new PullRequests();
  requests.add('lost', 3, performance.now() - 501);
  requests.add('a little late', 2, performance.now() - 100);
  expect(requests.promised).toBe(2);
});

test('a server that was lost has forgotten all', () => {
  const requests = new PullRequests();
  requests.add('a', 3, soon());
  requests.clear();
  expect(requests.promised).toBe(0);
  requests.received({ subject: 'a' });
  expect(requests.promised).toBe(0);
});

test('a message of a request that is closed takes nothing from others', () => {
  const requests = new PullRequests();
  requests.add('a', 3, soon());
  requests.add('b', 3, soon());
  requests.received({ subject: 'c' });
  expect(requests.promised).toBe(6);
});
