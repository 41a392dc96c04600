import { t } from '../cty/type';
import type { DataSource } from '../framework/resource';
import { stored } from '../../reconcile';
import { explained } from '../resources/diagnose';
import type { Session } from '../resources/session';
import { readOnlyAttribute } from './attributes';

/** `memphis_cluster`: the broker that the provider is connected to. */
export const clusterData: DataSource<Session> = {
  typeName: 'memphis_cluster',
  description: 'The Memphis broker that the provider is connected to, and how much it holds.',
  attributes: [
    readOnlyAttribute('address', t.string, 'Host and port for clients.'),
    readOnlyAttribute('rest_url', t.string, 'Address of the REST API.'),
    readOnlyAttribute('nats_version', t.string, 'Version of the NATS server in the broker.'),
    readOnlyAttribute(
      'clustered',
      t.bool,
      'True when several servers form the broker, so that streams may have replicas.',
    ),
    readOnlyAttribute('stations', t.number, 'How many stations it has.'),
    readOnlyAttribute('schemas', t.number, 'How many schemas it has.'),
    readOnlyAttribute('messages', t.number, 'How many messages its stations store.'),
    readOnlyAttribute('bytes', t.number, 'How many bytes these messages take.'),
  ],
  read: ({ run, admin: { facts }, outage }) =>
    explained(async () => {
      const { stations, schemas } = await run.snapshot();
      const held = stored({ streams: [...stations.values()].flatMap(({ streams }) => streams) });
      const state = {
        address: facts.address,
        rest_url: facts.restAddress,
        nats_version: facts.serverVersion,
        clustered: facts.clustered,
        stations: stations.size,
        schemas: schemas.size,
        messages: held.messages,
        bytes: held.bytes,
      };
      return { state };
    }, outage),
};
