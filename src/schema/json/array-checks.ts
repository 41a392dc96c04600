import type { Check } from './check';
import type { CheckOf, ContainerChecks } from './container-checks';
import { inside } from './container-checks';
import { versions } from './dialect';
import type { SchemaPart } from './schema-part';
import { duplicateItems } from './values';

type AddArrayCheck = (keyword: string, check: CheckOf<readonly unknown[]>) => void;

/** The keywords of arrays. */
export function arrayChecks(part: SchemaPart): ContainerChecks {
  const { schema, version, placeOf, compiler } = part;
  const checks: Check[] = [];
  const add: AddArrayCheck = (keyword, check) => {
    const place = placeOf(keyword);
    checks.push((value, run, evaluated) => !Array.isArray(value) || check(value, run, evaluated, place));
  };
  const { maxItems, minItems, uniqueItems } = schema;
  if (typeof maxItems === 'number') {
    add(
      'maxItems',
      (items, run, _, place) =>
        items.length <= maxItems ||
        run.fail('maxItems', place, `must NOT have more than ${maxItems} items`, { limit: maxItems }),
    );
  }
  if (typeof minItems === 'number') {
    add(
      'minItems',
      (items, run, _, place) =>
        items.length >= minItems ||
        run.fail('minItems', place, `must NOT have fewer than ${minItems} items`, { limit: minItems }),
    );
  }
  if (uniqueItems === true) {
    add('uniqueItems', (items, run, _, place) => {
      run.step(items.length);
      const found = duplicateItems(items);
      if (found === undefined) return true;
      const [i, j] = found;
      return run.fail(
        'uniqueItems',
        place,
        `must NOT have duplicate items (items ## ${j} and ${i} are identical)`,
        { i, j },
      );
    });
  }
  addItems(part, add);
  const { contains, minContains, maxContains } = schema;
  if (version > versions.draft04 && contains !== undefined) {
    const check = compiler.inner(part, contains, 'contains');
    const isNew = version >= versions.draft2019;
    const min = isNew && typeof minContains === 'number' ? minContains : 1;
    const max = isNew && typeof maxContains === 'number' ? maxContains : undefined;
    add('contains', (items, run, evaluated, place) => {
      const before = run.failures.length;
      let count = 0;
      items.forEach((item, index) => {
        // Counting goes on only where somebody wants to know more than whether there are enough.
        if (evaluated === undefined && max === undefined && count >= min) return;
        if (!inside(run, index, check, item)) return;
        count += 1;
        if (version >= versions.draft2020) evaluated?.singleItems.add(index);
      });
      const fits = count >= min && (max === undefined || count <= max);
      if (fits || !run.keepsBranches) run.forget(before);
      if (fits) return true;
      const most = max === undefined ? '' : ` and no more than ${max}`;
      return run.fail('contains', place, `must contain at least ${min}${most} valid item(s)`, {
        minContains: min,
      });
    });
  }
  if (version < versions.draft2019 || schema.unevaluatedItems === undefined)
    return { checks, unevaluated: undefined };
  const rest = compiler.inner(part, schema.unevaluatedItems, 'unevaluatedItems');
  const place = placeOf('unevaluatedItems');
  return {
    checks,
    unevaluated(value, run, evaluated) {
      if (!Array.isArray(value) || evaluated === undefined) return true;
      const before = run.failures.length;
      for (let index = evaluated.items; index < value.length; index += 1) {
        if (evaluated.singleItems.has(index) || inside(run, index, rest, value[index])) continue;
        if (schema.unevaluatedItems !== false) return false;
        run.forget(before);
        return run.fail('unevaluatedItems', place, `must NOT have more than ${index} items`, {
          limit: index,
        });
      }
      evaluated.items = Infinity;
      return true;
    },
  };
}

function addItems(part: SchemaPart, add: AddArrayCheck): void {
  const { schema, version, compiler } = part;
  const isNew = version >= versions.draft2020;
  const listKeyword = isNew ? 'prefixItems' : 'items';
  const list = schema[listKeyword];
  const prefix = Array.isArray(list)
    ? list.map((one: unknown, index) => compiler.inner(part, one, listKeyword, String(index)))
    : [];
  if (Array.isArray(list)) {
    add(listKeyword, (items, run, evaluated) => {
      let fits = true;
      for (let index = 0; index < Math.min(items.length, prefix.length); index += 1) {
        const check = prefix[index];
        if (check === undefined || inside(run, index, check, items[index])) continue;
        fits = false;
        if (!run.findsAll) return false;
      }
      if (evaluated !== undefined)
        evaluated.items = Math.max(evaluated.items, Math.min(items.length, prefix.length));
      return fits;
    });
  }
  const restKeyword = isNew || !Array.isArray(list) ? 'items' : 'additionalItems';
  const rest = schema[restKeyword];
  if (rest === undefined || Array.isArray(rest)) return;
  const check = compiler.inner(part, rest, restKeyword);
  add(restKeyword, (items, run, evaluated, place) => {
    if (rest === false && items.length > prefix.length) {
      return run.fail(restKeyword, place, `must NOT have more than ${prefix.length} items`, {
        limit: prefix.length,
      });
    }
    let fits = true;
    for (let index = prefix.length; index < items.length; index += 1) {
      if (inside(run, index, check, items[index])) continue;
      fits = false;
      if (!run.findsAll) return false;
    }
    if (evaluated !== undefined) evaluated.items = Infinity;
    return fits;
  });
}
