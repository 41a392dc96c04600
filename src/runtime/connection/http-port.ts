import { connect } from 'node:net';

const LONGEST_PROBE_MS = 1_000;

/**
 * Whether a port answers in HTTP, as the REST API of a broker does. A NATS client waits there for a greeting that never
 * comes, so a time-out alone does not tell a busy broker from a wrong port.
 * @param timeoutMs how long to wait for the answer, 1 s at most
 */
export function answersInHttp(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port });
    const end = (isHttp: boolean): void => {
      socket.destroy();
      resolve(isHttp);
    };
    socket.setTimeout(Math.min(timeoutMs, LONGEST_PROBE_MS), () => end(false));
    socket.once('connect', () => socket.write('HEAD / HTTP/1.0\r\n\r\n'));
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('HTTP/')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
