import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls';

import type { Connection } from '../../model/connection';
import { readPemFiles } from '../connection/pem-files';
import type { Check, CheckResult } from './check';

type Answer = Omit<CheckResult, 'id' | 'title'>;

const TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;
/** Days before its end from which a certificate is warned of. */
const SOON_DAYS = 30;

/** Whether the certificates of both ports are trusted, name the host, and have not expired. */
export function certificateChecks(connection: Connection): Check[] {
  return [
    {
      id: 'client-certificate',
      title: 'TLS, client port',
      needs: ['client-port'],
      run: () => answerOfClientPort(connection),
    },
    {
      id: 'rest-certificate',
      title: 'TLS, REST API',
      needs: ['rest-port'],
      run: () => answerOfRest(connection.restUrl),
    },
  ];
}

/** The server says in the clear whether it wants TLS, and goes on with TLS on the same socket. */
async function answerOfClientPort({ host, port, tls, called }: Connection): Promise<Answer> {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host: name, port });
  try {
    const info = await firstLine(socket);
    if (info === undefined) return { status: 'notChecked', found: 'The port sent no greeting.' };
    const { tls_required: isRequired, tls_available: isAvailable } = info;
    const caName = called.caFile === 'caFile' ? 'MEMPHIS_CA_FILE' : called.caFile;
    if (isRequired !== true && isAvailable !== true) {
      if (tls === undefined) return { status: 'ok', found: 'The broker does not use TLS.' };
      return {
        status: 'problem',
        found: 'TLS files are set, but the broker does not use TLS on this port.',
        next: 'Unset MEMPHIS_CA_FILE, MEMPHIS_CERT_FILE and MEMPHIS_KEY_FILE, or enable TLS on the broker.',
      };
    }
    const files = await readPemFiles({ ca: tls?.caFile, cert: tls?.certFile, key: tls?.keyFile });
    const { ca, cert, key } = files;
    return await answerOf(
      {
        socket,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      },
      name,
      `Set ${caName} to the PEM file of the authority that signed it.`,
    );
  } finally {
    socket.destroy();
  }
}

async function answerOfRest(restUrl: string): Promise<Answer> {
  const { protocol, hostname, port } = new URL(restUrl);
  if (protocol !== 'https:') return { status: 'ok', found: 'The REST API does not use TLS.' };
  const name = hostname.replace(/^\[(.*)\]$/, '$1');
  return answerOf(
    { host: name, port: port === '' ? 443 : Number(port) },
    name,
    'Set NODE_EXTRA_CA_CERTS to the PEM file of the authority that signed it; the REST API is read with the authorities that Node.js trusts.',
  );
}

/** The greeting of a NATS server: `INFO {…}`. */
async function firstLine(socket: Socket): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text = '';
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  while (!text.includes('\n')) {
    const [chunk] = (await once(socket, 'data', { signal })) as [Buffer];
    text += chunk.toString('latin1');
  }
  const json = /^INFO (\{.*\})\s*$/m.exec(text)?.[1];
  return json === undefined ? undefined : (JSON.parse(json) as Readonly<Record<string, unknown>>);
}

async function answerOf(options: ConnectionOptions, name: string, trustAdvice: string): Promise<Answer> {
  const { checkServerIdentity, connect: connectTls } = await import('node:tls');
  // The chain is looked at here, so that all that is wrong with it can be said.
  const servername = isIP(name) === 0 ? { servername: name } : {};
  const socket: TLSSocket = connectTls({ ...options, ...servername, host: name, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const certificate = socket.getPeerCertificate();
    const problems = [
      ...expiryProblems(certificate),
      ...(checkServerIdentity(name, certificate) === undefined ? [] : [nameProblem(certificate, name)]),
      ...trustProblems(trustCodeOf(socket), trustAdvice),
    ];
    const [first] = problems;
    if (first !== undefined) {
      return {
        status: problems.every(({ isWarning }) => isWarning) ? 'warning' : 'problem',
        found: problems.map(({ found }) => found).join(' '),
        next: [...new Set(problems.map(({ next }) => next))].join(' '),
      };
    }
    return {
      status: 'ok',
      found: `The certificate names ${name}, is trusted, and expires on ${dateOf(certificate.valid_to)}.`,
    };
  } finally {
    socket.destroy();
  }
}

interface CertificateProblem {
  readonly found: string;
  readonly next: string;
  readonly isWarning: boolean;
}

function expiryProblems({ valid_from: from, valid_to: to }: PeerCertificate): CertificateProblem[] {
  const [start, end, now] = [Date.parse(from), Date.parse(to), Date.now()];
  const next = 'Renew the certificate on the broker.';
  if (now > end) return [{ found: `The certificate expired on ${dateOf(to)}.`, next, isWarning: false }];
  if (now < start) {
    const advice = 'Check the clocks of this machine and of the broker.';
    return [{ found: `The certificate is valid from ${dateOf(from)} only.`, next: advice, isWarning: false }];
  }
  const days = Math.floor((end - now) / DAY_MS);
  if (days >= SOON_DAYS) return [];
  return [{ found: `The certificate expires in ${days} days, on ${dateOf(to)}.`, next, isWarning: true }];
}

function nameProblem({ subjectaltname: names }: PeerCertificate, name: string): CertificateProblem {
  const shown = names ?? 'no host';
  return {
    found: `The certificate does not name ${name}, but ${shown}.`,
    next: `Connect by a name that the certificate has, or renew it with ${name} in it.`,
    isWarning: false,
  };
}

/** Expiry and names are told apart from trust by the codes of OpenSSL. */
function trustProblems(code: string, next: string): CertificateProblem[] {
  const others = ['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
  if (code === '' || others.includes(code)) return [];
  return [{ found: `The certificate is not trusted (${code}).`, next, isWarning: false }];
}

/** The types say that it is an error; it is its code, or null. */
function trustCodeOf({ authorizationError: error }: TLSSocket): string {
  return typeof error === 'string' ? error : '';
}

function dateOf(text: string): string {
  return new Date(text).toISOString().slice(0, 10);
}
