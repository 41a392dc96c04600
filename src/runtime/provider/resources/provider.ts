import type { ConnectionSettings } from '../../../model/connection';
import type { ConnectionSetting } from '../../../model/environment';
import { environmentVariables } from '../../../model/environment';
import { terraformName } from '../../../model/field';
import type { KindName } from '../../../model/kinds';
import type { StationDefaults } from '../../../model/station-defaults';
import { stationDefaultFields, stationDefaultRules } from '../../../model/station-defaults';
import { problemsOf } from '../../../model/validation';
import { ValidationError } from '../../../model/errors';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { booleanAt, stringAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Provider, Resource } from '../framework/resource';
import { clusterData } from '../data-sources/cluster';
import { schemaData, schemasData } from '../data-sources/schema';
import { stationData, stationsData } from '../data-sources/station';
import { userData } from '../data-sources/user';
import { listResources } from '../list-resources';
import { attributesOfTable, declarationOfValues } from './attributes';
import { clusterConfigResource } from './cluster-config';
import { explained } from './diagnose';
import { providerFunctions } from './functions';
import { schemaResource } from './schema';
import { schemaEnforcementResource } from './schema-enforcement';
import type { Session } from './session';
import { stationResource } from './station';
import { stationSetResource } from './station-set';
import { userResource } from './user';

const settings = Object.keys(environmentVariables) as ConnectionSetting[];

const kindResources: Readonly<Record<KindName, Resource<Session>>> = {
  station: stationResource,
  schema: schemaResource,
  enforcement: schemaEnforcementResource,
  user: userResource,
  cluster: clusterConfigResource,
};

/** The provider block says where the broker is; what it leaves out comes from the environment of the provider. */
export const memphisProvider: Provider<Session> = {
  attributes: [
    ...settings.map((setting): Attribute => {
      const variable = environmentVariables[setting];
      return {
        name: terraformName(setting),
        type: setting === 'port' ? t.number : t.string,
        optional: true,
        description: `${variable.description} Default: the environment variable ${variable.name}.`,
        ...(variable.secret ? { sensitive: true } : {}),
      };
    }),
    {
      name: 'env_prefix',
      type: t.string,
      optional: true,
      description:
        'What stands before the names of the environment variables: with STAGING_ they are STAGING_MEMPHIS_HOST and so on.',
    },
    {
      name: 'allow_broker_change',
      type: t.bool,
      optional: true,
      description: 'Permits to deploy onto another broker than the one that the state was made with.',
    },
    ...attributesOfTable(stationDefaultFields),
  ],
  resources: [...Object.values(kindResources), stationSetResource],
  dataSources: [stationData, stationsData, schemaData, schemasData, userData, clusterData],
  functions: providerFunctions,
  listResources,
  stop: (session) => {
    session.isStopped = true;
  },
  configure: (config, orphaned) =>
    explained(async () => {
      // The packages that talk to the broker are needed in two of the three to five processes of a command.
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle too
      const { Session: session } = require('./session') as typeof import('./session');
      return session.open(connectionSettingsOf(config), {
        envPrefix: stringAt(config, 'env_prefix') ?? '',
        allowBrokerChange: booleanAt(config, 'allow_broker_change') === true,
        stationDefaults: stationDefaultsOf(config),
        orphaned,
      });
    }),
};

/** @throws ValidationError */
function stationDefaultsOf(config: Values): StationDefaults {
  const defaults = declarationOfValues<StationDefaults>(stationDefaultFields, config);
  const problems = problemsOf(defaults, { fields: stationDefaultFields, rules: stationDefaultRules });
  if (problems.length > 0) throw new ValidationError('configure the provider', problems);
  return defaults;
}

function connectionSettingsOf(config: Values): ConnectionSettings {
  const given: ConnectionSettings = {};
  for (const setting of settings) {
    const value = config[terraformName(setting)];
    if (typeof value === 'string' || typeof value === 'number') given[setting] = value;
  }
  return given;
}
