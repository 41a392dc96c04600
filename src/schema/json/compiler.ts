import type { Check } from './check';
import { Evaluated } from './check';
import { arrayChecks } from './array-checks';
import { inPlaceChecks } from './in-place-checks';
import { objectChecks } from './object-checks';
import type { SchemaCompiler, SchemaPart } from './schema-part';
import type { Located, Resources } from './resources';
import { extendPlace, isRecord } from './resources';
import { valueChecks } from './value-checks';
import { versions } from './dialect';

/** Compiles schemas to checks, each schema once. Time and memory grow with the size of the document, not faster. */
export class Compiler implements SchemaCompiler {
  readonly #compiled = new Map<unknown, Check>();
  /** Where a schema is, and which it leads to without leaving the place in the message. */
  readonly #inPlace = new Map<Check, { readonly place: string; readonly edges: readonly Check[] }>();
  readonly #pending: (() => void)[] = [];

  constructor(
    readonly resources: Resources,
    /** True if results depend on the resources that a check came through. */
    readonly hasDynamicReferences: boolean,
  ) {}

  /** Compiles a schema with everything that it leads to. */
  compile(located: Located): Check {
    const check = this.check(located);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next();
    return check;
  }

  /** The check of a schema. Its keywords may be read later, so that schemas may refer to each other. */
  check(located: Located): Check {
    const { schema, place } = located;
    if (schema === true) return passes;
    if (!isRecord(schema)) {
      return (_, run) => run.fail('false schema', `${place}/false schema`, 'boolean schema is false');
    }
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    let checks: readonly Check[] = [];
    const { resource } = located;
    const check: Check = (value, run, evaluated) => {
      run.step();
      const entersResource = this.hasDynamicReferences && run.scope.at(-1) !== resource;
      if (entersResource) run.scope.push(resource);
      let fits = true;
      for (const one of checks) {
        if (one(value, run, evaluated)) continue;
        fits = false;
        if (!run.findsAll) break;
      }
      if (entersResource) run.scope.pop();
      return fits;
    };
    this.#compiled.set(schema, check);
    this.#pending.push(() => {
      checks = this.#checksOf(located, schema, check);
    });
    return check;
  }

  /** The check of the schema under a keyword, and further steps. */
  inner(part: SchemaPart, schema: unknown, ...steps: readonly string[]): Check {
    const { resource, place } = part.located;
    return this.check(this.resources.at(schema, resource, extendPlace(place, ...steps)));
  }

  /** A check with the memory of long runs, for schemas that several others lead to. */
  shared(check: Check): Check {
    if (this.hasDynamicReferences) return check;
    return (value, run, evaluated) =>
      evaluated === undefined ? run.remembered(check, value) : check(value, run, evaluated);
  }

  /** The place of a schema that leads to itself at the same place of every message, so that no check of it ends. */
  endlessPlace(): string | undefined {
    const done = new Set<Check>();
    for (const start of this.#inPlace.keys()) {
      const way: { readonly check: Check; next: number }[] = [{ check: start, next: 0 }];
      const onWay = new Set<Check>([start]);
      for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
        const edges = done.has(top.check) ? [] : (this.#inPlace.get(top.check)?.edges ?? []);
        const edge = edges[top.next++];
        if (edge === undefined) {
          done.add(top.check);
          onWay.delete(top.check);
          way.pop();
        } else if (onWay.has(edge)) {
          return this.#inPlace.get(edge)?.place;
        } else {
          way.push({ check: edge, next: 0 });
          onWay.add(edge);
        }
      }
    }
    return undefined;
  }

  #checksOf(located: Located, schema: Readonly<Record<string, unknown>>, self: Check): readonly Check[] {
    const { version } = located.resource.dialect;
    const part: SchemaPart = {
      schema,
      located,
      version,
      compiler: this,
      placeOf: (keyword) => extendPlace(located.place, keyword),
    };
    const edges: Check[] = [];
    this.#inPlace.set(self, { place: located.place, edges });
    const onlyReference = version < versions.draft2019 && typeof schema.$ref === 'string';
    const inPlace = inPlaceChecks(part, edges, onlyReference);
    if (onlyReference) return inPlace;
    const arrays = arrayChecks(part);
    const objects = objectChecks(part, edges);
    const all = [...valueChecks(part), ...inPlace, ...arrays.checks, ...objects.checks];
    const late = [arrays.unevaluated, objects.unevaluated].filter((one) => one !== undefined);
    return late.length === 0 ? all : [withEvaluated(all, late)];
  }
}

/** Checks that have to know what those before them have evaluated. */
function withEvaluated(checks: readonly Check[], late: readonly Check[]): Check {
  return (value, run, outer) => {
    const evaluated = new Evaluated();
    let fits = true;
    for (const check of [...checks, ...late]) {
      if (check(value, run, evaluated)) continue;
      fits = false;
      if (!run.findsAll) return false;
    }
    if (fits) outer?.add(evaluated);
    return fits;
  };
}

const passes: Check = () => true;
