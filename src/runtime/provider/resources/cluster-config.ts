import { clusterConfigFields } from '../../../model/cluster-config';
import { CLUSTER_SETTINGS, clusterKind } from '../../reconcile';
import { t } from '../cty/type';
import type { Attribute } from '../framework/attribute';
import { attributesOfTable } from './attributes';
import { problemDiagnostics } from './diagnose';
import { resourceOf } from './kind-resource';

const attributes: Attribute[] = [
  // What is left out is what the broker has.
  ...attributesOfTable(clusterConfigFields).map((attribute): Attribute =>
    attribute.name === 'owner' ? attribute : { ...attribute, computed: true },
  ),
  {
    name: 'uid',
    type: t.string,
    computed: true,
    description: `"${CLUSTER_SETTINGS}", which is also the import id: a broker has its settings once.`,
  },
];

export const clusterConfigResource = resourceOf(clusterKind, {
  typeName: 'memphis_cluster_config',
  description:
    'Settings of a Memphis broker as a whole: retentions, the size of messages, and the addresses that it shows. Settings that are left out stay as they are, and so do all of them when the declaration goes.',
  attributes,
  nameAttribute: 'uid',
  validate: (config) => problemDiagnostics(clusterConfigFields, [], config),
  computed: () => ({ uid: CLUSTER_SETTINGS }),
  becomes: () => '',
});
