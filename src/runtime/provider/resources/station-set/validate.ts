import { terraformName } from '../../../../model/field';
import { externalName } from '../../../../model/names';
import { stationFields, stationRules } from '../../../../model/station';
import { revocableOptions, stationOptionFields } from '../../../../model/station-set';
import { fieldProblem } from '../../../../model/validation';
import type { Values } from '../../cty/value';
import { isFields, isUnknown } from '../../cty/value';
import type { Diagnostic } from '../../framework/diagnostics';
import { problemDiagnostics } from '../diagnose';
import { sentence } from '../../../../model/error-text';
import { membersOf, overrideOf, overridesIn, stationConfig, stationsIn } from './members';
import { attributePathOf } from './plan';
import type { Found } from './capped';
import { capped } from './capped';

/** Everything that is wrong with the configuration of a set. What all stations have in common is wrong once. */
export function validateSet(config: Values): Diagnostic[] {
  const stations = stationsIn(config);
  const overrides = overridesIn(config);
  const found: Found[] = [];
  const report = (name: string, detail: string, attribute: Diagnostic['attribute']): void => {
    const diagnostic: Diagnostic = {
      severity: 'error',
      summary: `Invalid value for station "${name}"`,
      detail: sentence(detail),
      ...(attribute === undefined ? {} : { attribute }),
    };
    found.push({ name, diagnostic });
  };
  if (stations !== undefined) {
    const seen = new Map<string, string>();
    const shared = new Set<string>();
    for (const [name, override] of stations) {
      const problem = fieldProblem('its name', name, stationFields.name, { words: 'terraform' });
      if (problem !== undefined) report(name, problem, 'stations');
      const before = seen.get(externalName(name));
      if (before !== undefined)
        report(name, `the set names it twice, as "${before}" and as "${name}"; take one away`, 'stations');
      seen.set(externalName(name), name);
      shared.add(externalName(override));
      if (override !== '' && overrides?.has(externalName(override)) === false)
        report(
          name,
          `its value is "${override}", which is not in overrides; add it there, or give "" for no override`,
          'stations',
        );
    }
    for (const name of Object.keys(isFields(config.overrides) ? config.overrides : {})) {
      if (!seen.has(externalName(name)) && !shared.has(externalName(name)))
        report(
          name,
          'overrides names it, but stations does not, as a name or as a value; add it to stations, or take the override away',
          ['overrides', name],
        );
    }
  }
  const members = membersOf(config);
  if (members === undefined || overrides === undefined) return capped(found);
  const checked = new Set<Values>();
  for (const [key, member] of members) {
    // Those without options of their own share one object.
    if (checked.has(member.options)) continue;
    checked.add(member.options);
    const own = overrideOf(overrides, key, stations?.get(member.name) ?? '') ?? {};
    const values = stationConfig({ ...member, options: withoutRevoked(member.options, own) });
    for (const { attribute, detail = '', ...problem } of problemDiagnostics(
      stationFields,
      stationRules,
      values,
    )) {
      if (attribute === 'name') continue;
      const place = attributePathOf(config, member.name, attribute);
      const prefix = place[0] === 'overrides' ? `Station "${member.name}": ` : '';
      found.push({
        name: member.name,
        diagnostic: { ...problem, detail: `${prefix}${detail}`, attribute: place },
      });
    }
    const schema = withoutRevoked(member.options, own).schema_name ?? null;
    const wrong =
      schema === null || isUnknown(schema)
        ? undefined
        : fieldProblem('schemaName', schema, stationOptionFields.schemaName);
    if (wrong !== undefined) report(member.name, wrong, attributePathOf(config, member.name, 'schema_name'));
  }
  for (const circle of circlesOf(members)) {
    report(
      circle[0] ?? '',
      `its dead-letter stations form a circle: ${circle.map((name) => `"${name}"`).join(' -> ')}; leave dls_station out of one of them`,
      'stations',
    );
  }
  return capped(found);
}

/** An empty string means that a station has none, although the set says one. */
function withoutRevoked(options: Values, own: Values): Values {
  const revoked = revocableOptions.map(terraformName).filter((option) => own[option] === '');
  return Object.fromEntries(Object.entries(options).filter(([option]) => !revoked.includes(option)));
}

function circlesOf(members: NonNullable<ReturnType<typeof membersOf>>): string[][] {
  const circles: string[][] = [];
  const clear = new Set<string>();
  for (const start of members.keys()) {
    const path: string[] = [];
    let key: string | undefined = start;
    while (key !== undefined && !clear.has(key) && !path.includes(key)) {
      path.push(key);
      const target: unknown = members.get(key)?.options.dls_station;
      key =
        typeof target === 'string' && members.has(externalName(target)) ? externalName(target) : undefined;
    }
    if (key !== undefined && path.includes(key)) circles.push([...path.slice(path.indexOf(key)), key]);
    for (const each of path) clear.add(each);
  }
  return circles;
}
