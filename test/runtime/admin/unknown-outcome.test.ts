import {
  AuthenticationError,
  BrokerRefusedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
} from '../../../src/model/errors';
import { mayHaveHappened } from '../../../src/runtime/admin';
import { RestRefusal } from '../../../src/runtime/admin/rest';

const parts = { attempted: 'create station "a"', found: 'x' };

test.each([
  ['no answer', new TimeoutError(parts), true],
  ['a lost connection', new ConnectionError(parts), true],
  ['an answer that was cut off', new ProtocolError(parts), true],
  ['status 500', new RestRefusal('create station "a"', 'Server error', 500), true],
  ['status 406', new RestRefusal('create station "a"', 'Station a already exists', 406), false],
  ['a refusal of JetStream', new BrokerRefusedError(parts), false],
  ['a refused login', new AuthenticationError(parts), false],
])('after %s it is told whether the request may have been carried out', (_why, error, expected) => {
  expect(mayHaveHappened(error)).toBe(expected);
});
