import { observeStation } from '../../src/runtime/reconcile';
import { Deployment } from '../support/deployment';
import { publish } from '../support/publish';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();

const tagsOf = async (station: string): Promise<readonly string[] | undefined> =>
  (await observeStation(deployment.admin, station))?.row.tags;

test('allowMessageLoss of the provider permits a destroy in the same run, and a station may say no', async () => {
  const stack = deployment.stack();
  const declare = (provider: Attributes): void =>
    stack.declare({
      provider,
      stations: { any: { name: 'loss.any' }, kept: { name: 'loss.kept', allow_message_loss: false } },
    });
  declare({});
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'loss.any', 3);
  await publish(deployment.broker, 'loss.kept', 2);
  expect([...(await stack.destroy()).errors].sort()).toEqual([
    expect.stringContaining('destroy station "loss.any"'),
    expect.stringContaining('destroy station "loss.kept"'),
  ]);

  declare({ allow_message_loss: true });
  // What a provider permits is in no state, so that nothing has to be deployed for it.
  expect(await stack.plan()).toMatchObject({ code: 0 });
  const { errors } = await stack.destroy();
  expect(errors).toEqual([expect.stringContaining('Could not destroy station "loss.kept"')]);
  expect([await deployment.messages('loss.any'), await deployment.messages('loss.kept')]).toEqual([3, 2]);

  stack.declare({ provider: { allow_message_loss: true }, stations: { any: { name: 'loss.any' } } });
  expect((await stack.destroy('-target=memphis_station.any')).errors).toEqual([]);
  expect([await deployment.messages('loss.any'), await deployment.messages('loss.kept')]).toEqual([-1, 2]);
});

test('a replacement and a smaller limit are permitted by the provider, with the warning of a permitted loss', async () => {
  const stack = deployment.stack();
  const declare = (provider: Attributes, values: Attributes): void =>
    stack.declare({
      provider,
      stations: { a: { name: 'loss.a', retention_type: 'messages', retention_value: 10, ...values } },
    });
  declare({}, {});
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  await publish(deployment.broker, 'loss.a', 5);
  declare({}, { retention_value: 2 });
  expect((await stack.plan()).errors.join()).toContain('MEMPHIS_MESSAGE_LOSS');
  declare({ allow_message_loss: true }, { retention_value: 2 });
  expect((await stack.apply()).warnings.join()).toContain('allowMessageLoss permits it');
  expect(await deployment.messages('loss.a')).toBe(2);
  declare({ allow_message_loss: true }, { retention_value: 2, partitions_number: 2 });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await deployment.messages('loss.a')).toBe(0);
});

test('deletionProtection of the provider protects what does not say otherwise, and ends with its configuration', async () => {
  const stack = deployment.stack();
  const declare = (provider: Attributes): void =>
    stack.declare({
      provider,
      stations: { a: { name: 'protected.a' }, open: { name: 'protected.open', deletion_protection: false } },
    });
  declare({ deletion_protection: true });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  const { errors } = await stack.destroy();
  expect(errors).toEqual([expect.stringContaining('Could not destroy station "protected.a"')]);
  declare({});
  expect(await stack.destroy()).toMatchObject({ code: 0, errors: [] });
});

test('tags of the provider are those of stations that set none', async () => {
  const stack = deployment.stack();
  const declare = (provider: Attributes): void =>
    stack.declare({
      provider,
      stations: { a: { name: 'tags.a' }, own: { name: 'tags.own', tags: ['mine'] } },
    });
  declare({ tags: ['team-b', 'Team-A'] });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect([await tagsOf('tags.a'), await tagsOf('tags.own')]).toEqual([['team-a', 'team-b'], ['mine']]);
  expect(await stack.plan()).toMatchObject({ code: 0 });
  await deployment.admin.removeStationTag('tags.a', 'team-b');
  expect(await stack.plan()).toMatchObject({ code: 2 });
  declare({ tags: ['team-c'] });
  expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
  expect(await tagsOf('tags.a')).toEqual(['team-c']);
  declare({ tags: [''] });
  expect((await stack.plan()).errors.join()).toContain('a tag has 1 to 200 bytes');
});
