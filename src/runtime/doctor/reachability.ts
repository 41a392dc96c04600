import { connect } from 'node:net';

import type { Connection } from '../../model/connection';
import { errorText } from '../../model/errors';
import type { Check, CheckResult } from './check';

const CONNECT_TIMEOUT_MS = 5_000;

/** Whether something listens on both ports of the broker. */
export function reachabilityChecks({ host, port, restUrl, called }: Connection): Check[] {
  const rest = new URL(restUrl);
  const restPort = rest.port === '' ? (rest.protocol === 'https:' ? 443 : 80) : Number(rest.port);
  return [
    {
      id: 'client-port',
      title: 'Client port',
      run: () => knock(host.replace(/^\[(.*)\]$/, '$1'), port, `Check ${called.host} and ${called.port}`),
    },
    {
      id: 'rest-port',
      title: 'REST API port',
      run: () =>
        knock(
          rest.hostname.replace(/^\[(.*)\]$/, '$1'),
          restPort,
          `Check MEMPHIS_REST_URL (${restUrl})`,
          withoutRest,
        ),
    },
  ];
}

/** What goes on without the REST API. */
const withoutRest =
  ' Where only the client port can be reached, cdktf-memphis drift and list go on with --streams-only; everything else needs the REST API.';

async function knock(
  host: string,
  port: number,
  advice: string,
  otherwise = '',
): Promise<Omit<CheckResult, 'id' | 'title'>> {
  const started = performance.now();
  const problem = await tryToConnect(host, port);
  if (problem === undefined) {
    const took = Math.max(1, Math.round(performance.now() - started));
    return { status: 'ok', found: `${host}:${port} answers (${took} ms).` };
  }
  return {
    status: 'problem',
    found: `${host}:${port} cannot be reached: ${problem}.`,
    next: `${advice}, that the broker is running, and that no firewall is in between.${otherwise}`,
    isUnreachable: true,
  };
}

function tryToConnect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error) => end(reasonOf(error)));
  });
}

function reasonOf(error: Error): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name does not resolve';
    default:
      return errorText(error);
  }
}
