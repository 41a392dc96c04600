import { connect } from 'node:net';

const LONGEST_PROBE_MS = 1_000;

/** Finds out beside an attempt to connect whether the port is one of HTTP. */
export interface HttpProbe {
  /** Whether it is; false when the attempt failed before that was asked. */
  isHttp(): Promise<boolean>;
  /** Call it at the end of the attempt. */
  stop(): void;
}

/**
 * Asks a port in HTTP when half of the time of an attempt is over, so that the attempt takes no longer by it. A NATS client
 * waits at such a port, for instance the REST API of a broker, for a greeting that never comes: a time-out alone does not
 * tell a busy broker from a wrong port.
 */
export function probeForHttp(host: string, port: number, timeoutMs: number): HttpProbe {
  let answer = Promise.resolve(false);
  const timer = setTimeout(() => {
    answer = answersInHttp(host, port, timeoutMs / 3);
  }, timeoutMs / 2);
  return { isHttp: () => answer, stop: () => clearTimeout(timer) };
}

/** @param timeoutMs how long to wait for the answer, 1 s at most */
function answersInHttp(host: string, port: number, timeoutMs: number): Promise<boolean> {
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
