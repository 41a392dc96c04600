import type { ConnectionSettings } from '../../../model/connection';
import type { ConnectionSetting } from '../../../model/environment';
import { environmentVariables } from '../../../model/environment';
import { terraformName } from '../../../model/field';
import { t } from '../cty/type';
import type { Values } from '../cty/value';
import { booleanAt } from '../cty/value';
import type { Attribute } from '../framework/attribute';
import type { Provider } from '../framework/resource';
import { clusterData } from '../data-sources/cluster';
import { schemaData, schemasData } from '../data-sources/schema';
import { stationData, stationsData } from '../data-sources/station';
import { explained } from './diagnose';
import { schemaResource } from './schema';
import { schemaEnforcementResource } from './schema-enforcement';
import type { Session } from './session';
import { stationResource } from './station';

const settings = Object.keys(environmentVariables) as ConnectionSetting[];

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
      name: 'allow_broker_change',
      type: t.bool,
      optional: true,
      description: 'Permits to deploy onto another broker than the one that the state was made with.',
    },
  ],
  resources: [stationResource, schemaResource, schemaEnforcementResource],
  dataSources: [stationData, stationsData, schemaData, schemasData, clusterData],
  configure: (config) =>
    explained(async () => {
      // The packages that talk to the broker are needed in two of the three to five processes of a command.
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- stays lazy in a bundle too
      const { Session: session } = require('./session') as typeof import('./session');
      return session.open(connectionSettingsOf(config), booleanAt(config, 'allow_broker_change') === true);
    }),
};

function connectionSettingsOf(config: Values): ConnectionSettings {
  const given: ConnectionSettings = {};
  for (const setting of settings) {
    const value = config[terraformName(setting)];
    if (typeof value === 'string' || typeof value === 'number') given[setting] = value;
  }
  return given;
}
