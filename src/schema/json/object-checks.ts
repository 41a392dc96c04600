import type { Check } from './check';
import { evaluatedBy } from './check';
import type { CheckOf, ContainerChecks, Members } from './container-checks';
import { inside } from './container-checks';
import { versions } from './dialect';
import { jsonSchemaPattern } from './pattern';
import { isRecord } from './resources';
import type { SchemaPart } from './schema-part';
import { matches } from './value-checks';

type AddObjectCheck = (keyword: string, check: CheckOf<Members>) => void;

/**
 * The keywords of objects.
 * @param inPlace takes the checks of schemas that look at the same value.
 */
export function objectChecks(part: SchemaPart, inPlace: Check[]): ContainerChecks {
  const { schema, version, placeOf, compiler } = part;
  const checks: Check[] = [];
  const add: AddObjectCheck = (keyword, check) => {
    const place = placeOf(keyword);
    checks.push((value, run, evaluated) => !isRecord(value) || check(value, run, evaluated, place));
  };
  const { maxProperties, minProperties, required, propertyNames } = schema;
  if (typeof maxProperties === 'number') {
    add(
      'maxProperties',
      (members, run, _, place) =>
        Object.keys(members).length <= maxProperties ||
        run.fail('maxProperties', place, `must NOT have more than ${maxProperties} properties`, {
          limit: maxProperties,
        }),
    );
  }
  if (typeof minProperties === 'number') {
    add(
      'minProperties',
      (members, run, _, place) =>
        Object.keys(members).length >= minProperties ||
        run.fail('minProperties', place, `must NOT have fewer than ${minProperties} properties`, {
          limit: minProperties,
        }),
    );
  }
  if (Array.isArray(required)) {
    const names = required as readonly string[];
    add('required', (members, run, _, place) => {
      let fits = true;
      for (const name of names) {
        if (Object.hasOwn(members, name)) continue;
        fits = run.fail('required', place, `must have required property '${name}'`, {
          missingProperty: name,
        });
        if (!run.findsAll) return false;
      }
      return fits;
    });
  }
  addDependencies(part, add, inPlace);
  if (version > versions.draft04 && propertyNames !== undefined) {
    const check = compiler.inner(part, propertyNames, 'propertyNames');
    add('propertyNames', (members, run, _, place) => {
      let fits = true;
      for (const name of Object.keys(members)) {
        const outer = run.propertyName;
        run.propertyName = name;
        const isValid = check(name, run, undefined);
        run.propertyName = outer;
        if (isValid) continue;
        fits = run.fail('propertyNames', place, 'property name must be valid', { propertyName: name });
        if (!run.findsAll) return false;
      }
      return fits;
    });
  }
  addProperties(part, add);
  if (version < versions.draft2019 || schema.unevaluatedProperties === undefined)
    return { checks, unevaluated: undefined };
  const rest = compiler.inner(part, schema.unevaluatedProperties, 'unevaluatedProperties');
  const place = placeOf('unevaluatedProperties');
  return {
    checks,
    unevaluated(value, run, evaluated) {
      if (!isRecord(value) || evaluated === undefined || evaluated.allProperties) return true;
      let fits = true;
      for (const [name, member] of Object.entries(value)) {
        if (evaluated.properties.has(name)) continue;
        const before = run.failures.length;
        if (inside(run, name, rest, member)) continue;
        if (schema.unevaluatedProperties === false) {
          run.forget(before);
          run.fail('unevaluatedProperties', place, 'must NOT have unevaluated properties', {
            unevaluatedProperty: name,
          });
        }
        fits = false;
        if (!run.findsAll) return false;
      }
      evaluated.allProperties = true;
      return fits;
    },
  };
}

function addDependencies(part: SchemaPart, add: AddObjectCheck, inPlace: Check[]): void {
  const { schema, version, compiler } = part;
  const isNew = version >= versions.draft2019;
  // The broker takes the older keyword in newer drafts, too.
  for (const keyword of isNew
    ? ['dependentRequired', 'dependencies', 'dependentSchemas']
    : ['dependencies']) {
    const dependencies = schema[keyword];
    if (!isRecord(dependencies)) continue;
    for (const [name, dependency] of Object.entries(dependencies)) {
      if (Array.isArray(dependency)) {
        const names = dependency as readonly string[];
        const wanted = `must have ${names.length === 1 ? 'property' : 'properties'} ${names.join(', ')} when property ${name} is present`;
        add(keyword, (members, run, _, place) => {
          if (!Object.hasOwn(members, name)) return true;
          const missing = names.find((one) => !Object.hasOwn(members, one));
          return (
            missing === undefined ||
            run.fail(keyword, place, wanted, { property: name, missingProperty: missing })
          );
        });
      } else {
        const check = compiler.shared(compiler.inner(part, dependency, keyword, name));
        inPlace.push(compiler.inner(part, dependency, keyword, name));
        add(
          keyword,
          (members, run, evaluated) =>
            !Object.hasOwn(members, name) || evaluatedBy(check, members, run, evaluated),
        );
      }
    }
  }
}

function addProperties(part: SchemaPart, add: AddObjectCheck): void {
  const { schema, compiler } = part;
  const properties = new Map(
    Object.entries(isRecord(schema.properties) ? schema.properties : {}).map(([name, one]) => [
      name,
      compiler.inner(part, one, 'properties', name),
    ]),
  );
  const patterns = Object.entries(isRecord(schema.patternProperties) ? schema.patternProperties : {}).map(
    ([pattern, one]) => ({
      pattern: jsonSchemaPattern(pattern),
      check: compiler.inner(part, one, 'patternProperties', pattern),
    }),
  );
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined) {
    const check = compiler.inner(part, additionalProperties, 'additionalProperties');
    add('additionalProperties', (members, run, evaluated, place) => {
      let fits = true;
      for (const [name, member] of Object.entries(members)) {
        if (properties.has(name) || patterns.some(({ pattern }) => matches(pattern, name, run))) continue;
        const isValid =
          additionalProperties === false
            ? run.fail('additionalProperties', place, 'must NOT have additional properties', {
                additionalProperty: name,
              })
            : inside(run, name, check, member);
        evaluated?.properties.add(name);
        if (isValid) continue;
        fits = false;
        if (!run.findsAll) return false;
      }
      return fits;
    });
  }
  if (properties.size > 0) {
    add('properties', (members, run, evaluated) => {
      let fits = true;
      for (const [name, check] of properties) {
        if (!Object.hasOwn(members, name)) continue;
        evaluated?.properties.add(name);
        if (inside(run, name, check, members[name])) continue;
        fits = false;
        if (!run.findsAll) return false;
      }
      return fits;
    });
  }
  if (patterns.length > 0) {
    add('patternProperties', (members, run, evaluated) => {
      let fits = true;
      for (const [name, member] of Object.entries(members)) {
        for (const { pattern, check } of patterns) {
          if (!matches(pattern, name, run)) continue;
          evaluated?.properties.add(name);
          if (inside(run, name, check, member)) continue;
          fits = false;
          if (!run.findsAll) return false;
        }
      }
      return fits;
    });
  }
}
