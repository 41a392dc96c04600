import { Deployment } from '../support/deployment';
import type { Attributes } from '../support/stack';

const deployment = Deployment.forThisFile();

const existing = async (): Promise<string[]> =>
  (await deployment.admin.listStations()).map(({ name }) => name).sort();

describe('a dead-letter station that does not exist', () => {
  it('is refused in the plan, for a new station, a changed one and one that is replaced', async () => {
    const stack = deployment.stack();
    const all = ['changed', 'replaced'];
    const declare = (change: (name: string) => Attributes, more: Readonly<Record<string, Attributes>> = {}) =>
      stack.declare({
        stations: { ...Object.fromEntries(all.map((name) => [name, { name, ...change(name) }])), ...more },
      });
    declare(() => ({}));
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const before = await deployment.everything();
    declare(
      (name) => ({ dls_station: `No-${name}`, ...(name === 'replaced' ? { partitions_number: 2 } : {}) }),
      { made: { name: 'made', dls_station: 'No-Made' } },
    );
    const refused = await stack.plan();
    expect(refused.code).toBe(1);
    for (const name of [...all, 'made']) {
      expect(refused.errors).toContainEqual(
        expect.stringContaining(`use "no-${name}" as the dead-letter station of station "${name}"`),
      );
    }
    expect(refused.errors).toHaveLength(3);
    expect(await deployment.everything()).toEqual(before);
  });

  it('is no obstacle when the same run creates it, however it is named', async () => {
    // A name in plain text orders nothing, and more stations wait for it than Terraform plans at a time.
    const stack = deployment.stack();
    const sources = Object.fromEntries(
      Array.from({ length: 14 }, (_, index) => [
        `a${index}`,
        { name: `source-${index}`, dls_station: index === 0 ? '${memphis_station.z.name}' : 'Dead' },
      ]),
    );
    stack.declare({ stations: { ...sources, z: { name: 'dead' } } });
    expect(await stack.plan()).toMatchObject({ code: 2, errors: [] });
  });

  it('is created first, also where only its name in plain text says so', async () => {
    const stack = deployment.stack();
    stack.declare({
      stations: {
        a: { name: 'plain-source', dls_station: 'plain-dead' },
        b: { name: 'plain-other', dls_station: 'plain-dead' },
        z: { name: 'plain-dead' },
      },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(await existing()).toEqual(expect.arrayContaining(['plain-dead', 'plain-other', 'plain-source']));
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
    // One that gets a new name takes its dead letters along.
    stack.declare({
      stations: {
        a: { name: 'plain-source', dls_station: 'plain-later' },
        b: { name: 'plain-other', dls_station: 'plain-later' },
        z: { name: 'plain-later' },
      },
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect((await deployment.admin.readStation('plain-source'))?.dlsStation).toBe('plain-later');
  });

  it('is set later where more stations name it in plain text than Terraform handles at a time', async () => {
    const stack = deployment.stack();
    const names = Array.from({ length: 25 }, (_, index) => `many-${index}`);
    const sources = Object.fromEntries(names.map((name) => [name, { name, dls_station: 'many-dead' }]));
    stack.declare({ stations: { ...sources, z: { name: 'many-dead' } } });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    const rows = (await deployment.admin.listStations()).filter(({ name }) => names.includes(name));
    expect(rows.map(({ dlsStation }) => dlsStation)).toEqual(names.map(() => 'many-dead'));
    expect(await stack.plan()).toMatchObject({ code: 0, errors: [] });
  });
});
