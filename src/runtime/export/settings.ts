import type { ClusterConfigField } from '../../model/cluster-config';
import { clusterConfigFields } from '../../model/cluster-config';
import { brokerFields } from '../../model/field';
import { problemsOf } from '../../model/validation';
import type { Admin } from '../admin';
import type { DeclaredField, ExportOptions, ExportedSettings } from './plan';

const fields = brokerFields(clusterConfigFields as Readonly<Record<string, ClusterConfigField>>);

/** The settings of a broker as an export has them, and why it has none. */
interface FoundSettings {
  readonly settings: ExportedSettings | undefined;
  /** What was left out on purpose: sentences. */
  readonly leftOut: readonly string[];
}

/**
 * Reads the settings of the broker for an export. A deploy refuses them while another declaration owns them, so they are left
 * out then, and so is what nobody has set.
 */
export async function readSettings(
  admin: Admin,
  { withSettings = false }: Pick<ExportOptions, 'withSettings'>,
): Promise<FoundSettings> {
  if (!withSettings) return { settings: undefined, leftOut: [] };
  const [live, records] = await Promise.all([admin.readClusterSettings(), admin.ledger.list('cluster')]);
  const [owner] = [...records.values()].map((record) => record.owner);
  if (owner !== undefined)
    return {
      settings: undefined,
      leftOut: [`the settings of the broker, which ${owner} owns; release them there first`],
    };
  const declared = fields.flatMap(([name, entry]): DeclaredField[] => {
    const value = entry.read.read(live);
    const isValid = problemsOf({ [name]: value }, { fields: { [name]: entry } as never }).length === 0;
    return isValid && value !== '' ? [{ name, value }] : [];
  });
  return { settings: declared.length === 0 ? undefined : { fields: declared }, leftOut: [] };
}
