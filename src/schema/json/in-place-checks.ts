import type { Check, CheckRun } from './check';
import { evaluatedBy } from './check';
import { versions } from './dialect';
import type { Resource } from './resources';
import { isRecord } from './resources';
import type { SchemaPart } from './schema-part';

/**
 * The keywords that check the same value with other schemas: references, combinations, conditions.
 * @param edges takes the checks of those schemas.
 */
export function inPlaceChecks(part: SchemaPart, edges: Check[], onlyReference: boolean): readonly Check[] {
  const references = referenceChecks(part, edges);
  return onlyReference
    ? references
    : [...references, ...combinationChecks(part, edges), ...conditionChecks(part, edges)];
}

function referenceChecks(part: SchemaPart, edges: Check[]): readonly Check[] {
  const { schema, located, version, compiler } = part;
  const checks: Check[] = [];
  const target = (reference: string): Check => {
    const check = compiler.check(compiler.resources.resolve(reference, located));
    edges.push(check);
    return check;
  };
  if (typeof schema.$ref === 'string') checks.push(compiler.shared(target(schema.$ref)));
  if (version >= versions.draft2019 && typeof schema.$recursiveRef === 'string') {
    checks.push(recursiveReference(part, target(schema.$recursiveRef)));
  }
  if (version === versions.draft2020 && typeof schema.$dynamicRef === 'string') {
    checks.push(dynamicReference(part, schema.$dynamicRef, target(schema.$dynamicRef)));
  }
  return checks.map(
    (check): Check =>
      (value, run, evaluated) =>
        evaluatedBy(check, value, run, evaluated),
  );
}

/** Leads to the outermost schema that allows it, if the one that it names does. What only a run leads to is compiled then. */
function recursiveReference({ schema, located, compiler }: SchemaPart, target: Check): Check {
  const named = compiler.resources.resolve(String(schema.$recursiveRef), located);
  if (!isRecord(named.schema) || named.schema.$recursiveAnchor !== true) return target;
  return (value, run, evaluated) => {
    const outermost = (run.scope as Resource[]).find(
      ({ root }) => isRecord(root) && root.$recursiveAnchor === true,
    );
    if (outermost === undefined) return target(value, run, evaluated);
    return compiler.compile(compiler.resources.at(outermost.root, outermost, outermost.place))(
      value,
      run,
      evaluated,
    );
  };
}

/** Leads to the outermost schema with that dynamic anchor, if the one that it names has it. */
function dynamicReference({ located, compiler }: SchemaPart, reference: string, target: Check): Check {
  const { dynamicName } = compiler.resources.resolve(reference, located);
  if (dynamicName === undefined) return target;
  return (value, run, evaluated) => {
    for (const resource of run.scope as Resource[]) {
      const anchored = resource.dynamicAnchors.get(dynamicName);
      if (anchored !== undefined) return compiler.compile(anchored)(value, run, evaluated);
    }
    return target(value, run, evaluated);
  };
}

function combinationChecks(part: SchemaPart, edges: Check[]): readonly Check[] {
  const { schema, placeOf, compiler } = part;
  const checks: Check[] = [];
  const branches = (keyword: string): readonly Check[] | undefined => {
    const list = schema[keyword];
    if (!Array.isArray(list)) return undefined;
    return list.map((one: unknown, index) => {
      const check = compiler.inner(part, one, keyword, String(index));
      edges.push(check);
      return check;
    });
  };
  if (schema.not !== undefined) {
    const check = compiler.inner(part, schema.not, 'not');
    edges.push(check);
    const place = placeOf('not');
    checks.push((value, run) => !holds(check, value, run) || run.fail('not', place, 'must NOT be valid'));
  }
  const any = branches('anyOf');
  if (any !== undefined) {
    const place = placeOf('anyOf');
    checks.push((value, run, evaluated) => {
      const before = run.failures.length;
      let fits = false;
      for (const check of any) {
        if (!evaluatedBy(check, value, run, evaluated)) continue;
        fits = true;
        // What the other branches evaluate counts, too.
        if (evaluated === undefined) break;
      }
      if (fits || !run.keepsBranches) run.forget(before);
      return fits || run.fail('anyOf', place, 'must match a schema in anyOf');
    });
  }
  const one = branches('oneOf');
  if (one !== undefined) {
    const place = placeOf('oneOf');
    checks.push((value, run, evaluated) => {
      const before = run.failures.length;
      const passing: number[] = [];
      for (const [index, check] of one.entries()) {
        if (!evaluatedBy(check, value, run, evaluated)) continue;
        passing.push(index);
        if (passing.length > 1) break;
      }
      const fits = passing.length === 1;
      if (fits || !run.keepsBranches) run.forget(before);
      return (
        fits ||
        run.fail('oneOf', place, 'must match exactly one schema in oneOf', {
          passingSchemas: passing.length === 0 ? null : passing,
        })
      );
    });
  }
  const all = branches('allOf');
  if (all !== undefined) {
    checks.push((value, run, evaluated) => {
      let fits = true;
      for (const check of all) {
        if (evaluatedBy(check, value, run, evaluated)) continue;
        fits = false;
        if (!run.findsAll) return false;
      }
      return fits;
    });
  }
  return checks;
}

function conditionChecks(part: SchemaPart, edges: Check[]): readonly Check[] {
  const { schema, version, compiler } = part;
  if (version < versions.draft07 || schema.if === undefined) return [];
  const branch = (keyword: string): Check | undefined => {
    if (schema[keyword] === undefined) return undefined;
    const check = compiler.inner(part, schema[keyword], keyword);
    edges.push(check);
    return check;
  };
  const [condition, then, otherwise] = [branch('if'), branch('then'), branch('else')];
  if (condition === undefined) return [];
  return [
    (value, run, evaluated) => {
      const before = run.failures.length;
      const isMet = evaluatedBy(condition, value, run, evaluated);
      run.forget(before);
      const next = isMet ? then : otherwise;
      return next === undefined || evaluatedBy(next, value, run, evaluated);
    },
  ];
}

/** Whether a schema holds, without a word about it. */
function holds(check: Check, value: unknown, run: CheckRun): boolean {
  const before = run.failures.length;
  const fits = check(value, run, undefined);
  run.forget(before);
  return fits;
}
