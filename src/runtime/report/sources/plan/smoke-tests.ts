import type { DeclarationSite, DeclaredTest } from '../../../synthesised/declared-stack';
import type { ReportedTest } from '../../report';
import type { PlanFile, PlanValues, ResourceChange } from './plan-file';
import { configurationOf } from './plan-file';

/** The command that `SmokeTest` renders. */
const smokeCommand = /\bcdktf-memphis\/smoke\.cjs cdktf-memphis\/smoke-(\S+)\.json/;

/** What a change of each trigger of a smoke test means. */
const triggerReasons: Readonly<Record<string, string>> = {
  spec: 'the test changes',
  runner: 'the program that runs it changes',
  tested: 'the station, its schema or the enforcement changes',
  station: 'the station is recreated',
  rerun_on: 'rerunOn changes',
};

/** The smoke tests that the deploy will run. Their replacement destroys nothing. */
export function plannedTests(
  plan: PlanFile,
  declared: readonly DeclaredTest[],
  siteOf: (address: string) => DeclarationSite,
  stationOf: (address: string) => string | undefined,
): ReportedTest[] {
  return (plan.resource_changes ?? []).flatMap((change): ReportedTest[] => {
    const command = isRun(change) ? commandOf(plan, change) : undefined;
    if (command === undefined) return [];
    const test = declared.find(({ site }) => site.address === change.address);
    return [
      {
        name: test?.name ?? command.name,
        station: test?.station ?? stationOf(command.stationAddress ?? '') ?? 'not in the plan',
        // The plan does not say it. Without the synthesised test, assume the default of SmokeTest.
        target: test?.target ?? 'shadow',
        declaration: test?.site ?? siteOf(change.address),
        verdict: 'planned',
        reason: reasonOf(change),
        expectations: [],
      },
    ];
  });
}

function isRun({ mode, type, change }: ResourceChange): boolean {
  const isOfKind = type === 'null_resource' || type === 'terraform_data';
  return mode === 'managed' && isOfKind && change.actions.includes('create');
}

interface SmokeCommand {
  readonly name: string;
  /** The address of the station that the test goes through, where the stack declares it. */
  readonly stationAddress: string | undefined;
}

/** What the configuration says about a resource that runs a smoke test; undefined for any other. */
function commandOf(plan: PlanFile, change: ResourceChange): SmokeCommand | undefined {
  const resource = configurationOf(plan, change);
  const commands = (resource?.provisioners ?? []).map(({ expressions }) =>
    memberAt(expressions, ['command', 'constant_value']),
  );
  const found = commands
    .map((command) => smokeCommand.exec(String(command))?.[1])
    .find((each) => each !== undefined);
  if (found === undefined) return undefined;
  const { triggers, triggers_replace } = resource?.expressions ?? {};
  const references = memberAt(triggers ?? triggers_replace, ['references']);
  const station = (Array.isArray(references) ? references : []).find(
    (each): each is string => typeof each === 'string' && /^memphis_station\.[^.]+$/.test(each),
  );
  return { name: found, stationAddress: station };
}

function memberAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null
    ? memberAt((value as Readonly<Record<string, unknown>>)[name], rest)
    : undefined;
}

function reasonOf({ change, action_reason: reason }: ResourceChange): string {
  if (change.before === null) return 'It has not run yet.';
  if (reason === 'replace_because_tainted') return 'It failed in the last deploy.';
  const before = triggersOf(change.before);
  const after = triggersOf(change.after);
  const unknown = memberAt(change.after_unknown, ['triggers']);
  const changed = Object.entries(triggerReasons).flatMap(([name, text]) => {
    const isUnknown = unknown === true || memberAt(unknown, [name]) === true;
    return isUnknown || before[name] !== after[name] ? [text] : [];
  });
  if (changed.length === 0) return 'It runs again with this deploy.';
  return `It runs because ${changed.join(', and ')}.`;
}

function triggersOf(values: PlanValues | null): PlanValues {
  const triggers = values?.triggers ?? values?.triggers_replace;
  return typeof triggers === 'object' && triggers !== null ? (triggers as PlanValues) : {};
}
