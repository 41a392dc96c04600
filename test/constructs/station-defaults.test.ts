import { MemphisProvider, Station } from '../../src';
import { problemsIn, synthesised } from './support/stack';

jest.mock('../../src/constructs/package-root', () => jest.requireActual<object>('./support/fixture-package'));

test('what a provider says for all stations is rendered into its block, and into no station', () => {
  const { provider, resource } = synthesised((stack) => {
    new MemphisProvider(stack, 'other', {
      alias: 'other',
      allowMessageLoss: true,
      deletionProtection: false,
      tags: ['team-a'],
    });
    new Station(stack, 'orders', { name: 'orders' });
  });
  expect(provider.memphis).toContainEqual({
    alias: 'other',
    allow_message_loss: true,
    deletion_protection: false,
    tags: ['team-a'],
  });
  expect(Object.keys(resource?.memphis_station?.orders ?? {}).sort()).toEqual(['name', 'owner']);
});

test('wrong values of it are reported at synth with all other problems', () => {
  const problems = problemsIn(
    (stack) =>
      new MemphisProvider(stack, 'other', { alias: 'other', allowMessageLoss: 'yes', tags: [''] } as never),
  );
  expect(problems).toEqual([
    expect.stringMatching(/^\[test\/other\] allowMessageLoss is "yes"; it must be true or false/),
    '[test/other] tags has ""; a tag has 1 to 200 bytes and no NUL',
  ]);
});
