import { SmokeTest, Station } from '../../src';
import { EnvironmentError } from '../../src/model/errors';
import { stackWith, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));
// What `require` does in a project that has not installed this optional package.
jest.mock('@cdktf/provider-null', () => {
  throw new Error("Cannot find module '@cdktf/provider-null'\nRequire stack: ...");
});

test('a stack without smoke tests does not need the null provider', () => {
  const { provider } = synthesised((stack) => new Station(stack, 's', { name: 's' }));
  expect(Object.keys(provider)).toEqual(['memphis']);
});

test('a smoke test says how to get it', () => {
  const declare = (): void => {
    stackWith((stack) => new SmokeTest(stack, 'smoke', { station: new Station(stack, 's', { name: 's' }) }));
  };
  expect(declare).toThrow(EnvironmentError);
  expect(declare).toThrow(
    /cannot be loaded: .*Cannot find module '@cdktf\/provider-null'\. Install it next to cdktf: npm install @cdktf\/provider-null@11/,
  );
});
