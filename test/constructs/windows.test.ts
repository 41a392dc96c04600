import { Station } from '../../src';
import { problemsIn } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

const { platform } = process;
afterEach(() => {
  Object.defineProperty(process, 'platform', { value: platform });
});

test('a stack is refused at synth on Windows, where Terraform could not start the provider', () => {
  Object.defineProperty(process, 'platform', { value: 'win32' });
  expect(problemsIn((stack) => new Station(stack, 'orders', { name: 'orders' }))).toEqual([
    '[test/memphis] the provider does not run on Windows; run cdktf in the Windows Subsystem for Linux (WSL)',
  ]);
});
