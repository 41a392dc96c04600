import { stationFields } from '../../src/model/station';
import { nearestNames, unknownNameProblems } from '../../src/model/unknown-names';

const props = [...Object.keys(stationFields), 'lifecycle', 'forEach', 'schemaName', 'provider'];

describe('nearest names', () => {
  it.each([
    ['partitions', ['partitionsNumber']],
    ['partitions_number', ['partitionsNumber']],
    ['partitionNumber', ['partitionsNumber']],
    ['retention', ['retentionType', 'retentionValue']],
    ['retentoinValue', ['retentionValue']],
    ['NAME', ['name']],
    ['nmae', ['name']],
    ['replica', ['replicas']],
    ['idempotencyWindow', ['idempotencyWindowMs']],
    ['dls', ['dlsStation']],
    ['storage', ['storageType']],
    ['schema', ['schemaName']],
    ['tag', ['tags']],
    ['colour', []],
    ['', []],
    ['_', []],
    ['constructor', []],
  ])('%s', (name, expected) => {
    expect(nearestNames(name, props)).toEqual(expected);
  });

  it('of a very long name takes no time', () => {
    const before = Date.now();
    expect(nearestNames('x'.repeat(1_000_000), props)).toEqual([]);
    expect(Date.now() - before).toBeLessThan(1000);
  });
});

describe('unknown names', () => {
  it('are told with their path, what would be right, and nothing of their values', () => {
    const given = { name: 'a', nmae: 'secret', colour: 'secret', absent: undefined };
    expect(unknownNameProblems(given, ['name', 'tags'], 'a prop of Station', 'lifecycle')).toEqual([
      'lifecycle.nmae is not a prop of Station; use name, or remove it',
      'lifecycle.colour is not a prop of Station; remove it, or use one of name, tags',
    ]);
  });

  it('are found when they are names of Object.prototype', () => {
    const given = JSON.parse('{"__proto__":1,"constructor":1,"toString":1}') as object;
    expect(unknownNameProblems(given, ['name'], 'a prop').map((text) => text.split(' ')[0])).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });
});
