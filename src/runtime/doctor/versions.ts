import { nonEmptyText, object } from '../connection/shape';
import type { Check } from './check';
import type { Sides } from './login';

const clusterInfo = object({ version: nonEmptyText });

/** Which broker this is, and whether this package is made for it. */
export function versionsCheck({ nats, rest }: Sides): Check {
  return {
    id: 'broker-version',
    title: 'Version of the broker',
    needs: ['client-login', 'rest-login'],
    run: async () => {
      const [open, api] = await Promise.all([nats, rest]);
      const { version } = await api.call({
        method: 'GET',
        path: '/monitoring/getClusterInfo',
        attempted: 'read the version of the broker',
        reply: clusterInfo,
      });
      const info = open.info;
      const isLocal = info !== undefined && !('connection_id' in info);
      const found = `Memphis ${version}${isLocal ? ' (the local broker)' : ''}, NATS server ${info?.version ?? 'unknown'}.`;
      if (version.startsWith('1.4.')) return { status: 'ok', found };
      const next = 'Use a broker of version 1.4, or try every deploy on a copy of this one first.';
      return { status: 'warning', found: `${found} This package is made for Memphis 1.4.`, next };
    },
  };
}
