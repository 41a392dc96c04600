import type {
  CanonicalClusterConfig,
  ClusterConfigDeclaration,
  ClusterConfigField,
  ClusterSettings,
} from '../../../model/cluster-config';
import { clusterConfigFields, requiredSettings, withDeclared } from '../../../model/cluster-config';
import { AlreadyExistsError, TimeoutError, ValidationError } from '../../../model/errors';
import { brokerFields, canonicalOf } from '../../../model/field';
import { diffObject } from '../diff';
import type { DeclaredOwner, Kind, Plan, PlanContext, Refusal } from '../kind';
import { lookUntil } from '../look-until';
import type { Run } from '../run';

/** There is one object of the kind on each broker; this is its name in the ledger, its id, and its import id. */
export const CLUSTER_SETTINGS = 'settings';

/** How long the broker may take until it shows what it was given; half a second is usual. */
const RELOAD_MS = 10_000;
const PAUSE_MS = 100;

const fields: Readonly<Record<string, ClusterConfigField>> = clusterConfigFields;
const describe = (): string => 'the settings of the broker';

/**
 * The settings of the broker. They are always there: a declaration takes over those that it names, and leaves them as
 * they are when it goes.
 */
export const clusterKind: Kind<ClusterConfigDeclaration, CanonicalClusterConfig, ClusterSettings> = {
  name: 'cluster',
  fields: clusterConfigFields,
  nameOf: () => CLUSTER_SETTINGS,
  describe,
  isPlural: true,
  canonical: (declaration) => canonicalOf(clusterConfigFields, declaration),
  async find(run, { name }) {
    if (name !== '' && name !== CLUSTER_SETTINGS) return undefined;
    // It also finds out whether both sides are one broker.
    if (run.isPlanning) await run.snapshot();
    return run.admin.readClusterSettings();
  },
  read: (run) => run.admin.readClusterSettings(),
  uidOf: () => CLUSTER_SETTINGS,
  normalise,
  diff: (before, after) => diffObject(clusterConfigFields, before, after),
  plan,
  create: write,
  update: write,
  async destroy(run, _before, { owner }) {
    await run.admin.ledger.remove('cluster', CLUSTER_SETTINGS, owner);
    return 'removing their declaration leaves them as they are';
  },
};

function normalise(live: ClusterSettings): CanonicalClusterConfig {
  const values = brokerFields(fields).map(([name, { read }]) => [name, read.read(live)] as const);
  return Object.fromEntries(values) as unknown as CanonicalClusterConfig;
}

async function plan(
  run: Run,
  live: ClusterSettings | undefined,
  after: CanonicalClusterConfig | undefined,
  { creation }: PlanContext,
): Promise<Plan> {
  const change = diffObject(clusterConfigFields, live === undefined ? undefined : normalise(live), after);
  if (change.kind === 'delete') {
    const detail =
      'The broker keeps the values that it has now. To have others, declare and deploy them first.';
    return { change, refusals: [], consequence: { summary: 'stay as they are', detail } };
  }
  const refusals: Refusal[] = [];
  const owned = creation === undefined ? undefined : await ownedElsewhere(run, creation);
  if (owned !== undefined) refusals.push({ error: owned });
  const invalid = live === undefined || after === undefined ? undefined : missingSettings(live, after);
  if (invalid !== undefined && change.fields.length > 0) refusals.push({ error: invalid });
  return { change, refusals };
}

/** The broker has zeros that it does not take back, and a change has to bring all of these settings. */
function missingSettings(live: ClusterSettings, after: CanonicalClusterConfig): ValidationError | undefined {
  const whole = normalise(withDeclared(live, after));
  const missing = requiredSettings.filter((name) => whole[name] === 0);
  if (missing.length === 0) return undefined;
  return new ValidationError(
    'change the settings of the broker',
    missing.map(
      (name) => `${name} is not set on the broker, which has to get it with every change; declare it`,
    ),
  );
}

async function ownedElsewhere(run: Run, claim: DeclaredOwner): Promise<AlreadyExistsError | undefined> {
  const record = await run.admin.ledger.read('cluster', CLUSTER_SETTINGS);
  if (record === undefined || record.owner === claim.owner || record.owner === claim.formerOwner)
    return undefined;
  return new AlreadyExistsError({
    attempted: 'manage the settings of the broker',
    found: `they belong to ${record.owner}; nothing was changed`,
    next: 'Release them there first (a removed block with destroy = false, or terraform state rm after which the declaration goes), or declare them in one stack alone',
  });
}

/**
 * Writes the declared settings and waits until the broker shows them: it reads its configuration again only afterwards.
 *
 * Requests: 5, and 1 for each further look; 3 when the broker has them already.
 * @throws TimeoutError when it does not show them.
 */
async function write(
  run: Run,
  after: CanonicalClusterConfig,
  claim: DeclaredOwner,
): Promise<ClusterSettings> {
  const { admin } = run;
  const owned = await ownedElsewhere(run, claim);
  if (owned !== undefined) throw owned;
  const live = await admin.readClusterSettings();
  const invalid = missingSettings(live, after);
  const isSame = (settings: ClusterSettings): boolean =>
    diffObject(clusterConfigFields, normalise(settings), after).kind === 'noop';
  let shown = live;
  if (!isSame(live)) {
    if (invalid !== undefined) throw invalid;
    await admin.updateClusterSettings(withDeclared(live, after));
    shown = await whenShown(run, isSame);
  }
  if (claim.owner !== '') {
    const record = { owner: claim.owner, state: 'complete', uid: CLUSTER_SETTINGS } as const;
    await admin.ledger.write('cluster', CLUSTER_SETTINGS, record);
  }
  return shown;
}

async function whenShown(
  { admin }: Run,
  isSame: (settings: ClusterSettings) => boolean,
): Promise<ClusterSettings> {
  const patience = { withinMs: RELOAD_MS, pauseMs: PAUSE_MS };
  const shown = await lookUntil(() => admin.readClusterSettings(), isSame, patience);
  if (isSame(shown)) return shown;
  throw new TimeoutError({
    attempted: 'change the settings of the broker',
    found: `the broker accepted them, and does not show them ${RELOAD_MS / 1000} s later`,
    next: 'A broker that was started with the option -sd shows them after its next start: restart it, and deploy again. Otherwise check its log',
  });
}
