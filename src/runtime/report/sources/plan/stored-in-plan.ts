import { PROVIDER_ADDRESS } from '../../../../model/provider-address';
import { Retention } from '../../../../model/retention';
import type { Stored } from '../../../reconcile';
import { lossByLimit, lossOfAll } from '../../../reconcile';
import type { LiveFacts, PartitionFacts, ReportedObject, Stake } from '../../report';
import type { PlannedObject } from './changes';
import { isLossPermitted } from './permission';
import type { ModuleState, PlanFile, PlanValues, ResourceState } from './plan-file';
import { providerKeyOf } from './plan-file';

/** What a station held when the plan was made. */
interface StoredStation extends Stored {
  readonly name: string;
  readonly uid: string;
  /** Absent where the data source does not tell them. */
  readonly partitions?: readonly PartitionFacts[];
  readonly values: PlanValues;
}

/**
 * What the data sources of a plan say about the contents of stations: `memphis_stations` and `memphis_station`, which the
 * provider read while it planned. A plan has nothing else of that.
 */
export class StoredInPlan {
  readonly #plan: PlanFile;
  /** By provider and name. */
  readonly #stations = new Map<string, StoredStation>();

  constructor(plan: PlanFile) {
    this.#plan = plan;
    for (const { module, resource } of resourcesOf(plan.prior_state?.values?.root_module)) {
      const { mode, provider_name: provider, type } = resource;
      if (mode !== 'data' || provider !== PROVIDER_ADDRESS || resource.values === undefined) continue;
      const key = providerKeyOf(plan, {
        ...resource,
        ...(module === undefined ? {} : { module_address: module }),
      });
      for (const station of stationsIn(type, resource.values)) {
        const known = this.#stations.get(`${key} ${station.name}`);
        // The source of one station tells more.
        if (known?.partitions === undefined) this.#stations.set(`${key} ${station.name}`, station);
      }
    }
  }

  /** The same object with what is at stake; undefined when the plan does not tell that. */
  withStake(planned: PlannedObject): ReportedObject | undefined {
    const { change, reported } = planned;
    const { name, uid } = change.change.before ?? {};
    if (typeof name !== 'string') return undefined;
    const station = this.#stations.get(`${providerKeyOf(this.#plan, change)} ${name.toLowerCase()}`);
    if (station === undefined || station.uid !== uid) return undefined;
    const loss = lossOf(planned, station);
    if (loss === 'unknown') return undefined;
    return {
      ...reported,
      live: factsOf(station, change.change.before ?? {}),
      ...(loss === undefined ? {} : { stake: { ...loss, isPermitted: isLossPermitted(planned) } }),
    };
  }
}

type Loss = Omit<Stake, 'isPermitted'>;

/** @returns `unknown` where only the broker can tell it: by the age of messages, or by what groups have acknowledged. */
function lossOf({ change, reported }: PlannedObject, station: StoredStation): Loss | 'unknown' | undefined {
  const { action } = reported;
  if (action === 'delete' || action === 'replace') {
    const loss = lossOfAll(station, action === 'delete' ? 'destroy' : 'replace');
    if (loss === undefined) return undefined;
    const { messages, bytes, consumerGroups, consequence } = loss;
    return { messages, bytes, consumerGroups, consequence };
  }
  if (station.messages === 0) return undefined;
  const {
    retention_type: type,
    retention_value: limit,
    partitions_number: count,
  } = change.change.after ?? {};
  const isByLimit = type === Retention.MESSAGES || type === Retention.BYTES;
  const partitions = station.partitions ?? (count === 1 ? [{ ...station, number: 1 }] : undefined);
  if (!isByLimit || typeof limit !== 'number' || partitions === undefined) return 'unknown';
  const lost = partitions.flatMap(({ number, ...content }) => {
    const loss = lossByLimit(content, type, limit);
    return loss === undefined ? [] : [{ ...loss, consequence: `${loss.consequence} of partition ${number}` }];
  });
  if (lost.length === 0) return undefined;
  return {
    messages: sum(lost.map(({ messages }) => messages)),
    bytes: sum(lost.map(({ bytes }) => bytes)),
    consumerGroups: station.consumerGroups,
    consequence: `drop ${lost.map(({ consequence }) => consequence).join(', ')}`,
  };
}

function factsOf({ partitions = [], values, ...held }: StoredStation, { owner }: PlanValues): LiveFacts {
  const { messages, bytes, consumerGroups } = held;
  const { schema_name: schemaName, dls_station: dlsStation } = values;
  return {
    messages,
    bytes,
    consumerGroups,
    partitions,
    schemaName: typeof schemaName === 'string' ? schemaName : '',
    dlsStation: typeof dlsStation === 'string' ? dlsStation : '',
    ...(typeof owner === 'string' && owner !== '' ? { owner } : {}),
  };
}

/** The stations that a data source of this type has read. */
function stationsIn(type: string, values: PlanValues): StoredStation[] {
  if (type === 'memphis_station') return stationOf(values);
  if (type === 'memphis_stations' && Array.isArray(values.stations))
    return (values.stations as readonly PlanValues[]).flatMap(stationOf);
  return [];
}

function stationOf(values: PlanValues): StoredStation[] {
  const { name, uid, messages, bytes, consumer_groups: groups, partitions } = values;
  if (typeof name !== 'string' || typeof uid !== 'string') return [];
  if (typeof messages !== 'number' || typeof bytes !== 'number') return [];
  const consumerGroups = Array.isArray(groups) ? groups.length : Number(groups ?? 0);
  const told = Array.isArray(partitions) ? { partitions: partitions as readonly PartitionFacts[] } : {};
  return [{ name: name.toLowerCase(), uid, messages, bytes, consumerGroups, values, ...told }];
}

interface PlacedResource {
  readonly module: string | undefined;
  readonly resource: ResourceState;
}

function resourcesOf(module: ModuleState | undefined): PlacedResource[] {
  if (module === undefined) return [];
  const own = (module.resources ?? []).map((resource) => ({ module: module.address, resource }));
  return [...own, ...(module.child_modules ?? []).flatMap(resourcesOf)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
