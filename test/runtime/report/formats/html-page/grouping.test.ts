import fc from 'fast-check';
import { grouped, isGroup } from '../../../../../src/runtime/report/formats/html-page/grouping';
import { surrounded, topologyOf } from '../../../../../src/runtime/report/formats/html-page/topology';
import { many } from '../../../../support/random';
import { largeShop } from '../../../../support/shop-reports';

const shop = topologyOf(largeShop(1_000).objects);

const labels = (nodes: ReturnType<typeof grouped>['nodes']) =>
  [...nodes.values()].filter(isGroup).map(({ label, members }) => `${label} ${members.length}`);

describe('groups of a topology', () => {
  test('a small topology is drawn node by node', () => {
    const small = topologyOf(largeShop(40).objects.filter(({ kind }) => kind === 'station'));
    const { nodes, links } = grouped(small);
    expect([...nodes.values()].filter(isGroup)).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ kind: 'station' })]),
    );
    expect(links.length).toBeGreaterThan(0);
  });

  test('a large one is grouped by the first word of the names', () => {
    expect(labels(grouped(shop).nodes)).toEqual(
      expect.arrayContaining(['orders-… 125', 'stock-… 125', 'orders-event-… 25']),
    );
  });

  test('inside a group the next word counts, then ranges of names', () => {
    const inside = (group: string) => {
      const members = new Set([...shop.nodes.keys()].filter((key) => key.startsWith(group)));
      return labels(grouped(surrounded(shop, members), members).nodes);
    };
    expect(inside('station/orders-')).toEqual(expect.arrayContaining(['orders-eu-… 42', 'orders-us-… 83']));
    expect(inside('station/orders-us-')).toContain('orders-us-4 to 44 4');
  });

  test('each station is in one group, and every group can be looked into until single stations are left', () => {
    const name = fc.stringMatching(/^[a-c]([-._]?[a-c0-3]){0,9}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 49, maxLength: 400 }), (names) => {
        const objects = largeShop(1).objects.filter(({ kind }) => kind === 'station');
        const [station] = objects;
        if (station === undefined) throw new Error('the report has no station');
        const topology = topologyOf(names.map((each) => ({ ...station, name: each })));
        const singles = new Set<string>();
        const look = (members: ReadonlySet<string> | undefined): void => {
          const part = members === undefined ? topology : surrounded(topology, members);
          for (const node of grouped(part, members).nodes.values()) {
            if (!isGroup(node)) {
              if (node.kind === 'station' && (members?.has(node.key) ?? true)) singles.add(node.name);
              continue;
            }
            const inner = node.members.filter((key) => members?.has(key) ?? true);
            if (inner.length === 0) continue;
            expect(node.members.length).toBeLessThan(members?.size ?? topology.nodes.size);
            look(new Set(node.members));
          }
        };
        look(undefined);
        expect([...singles].filter((each) => names.includes(each)).sort()).toEqual([...names].sort());
      }),
      { numRuns: many(30) },
    );
  });
});
