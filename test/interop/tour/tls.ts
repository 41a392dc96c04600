import type { LocalBroker, LocalBrokerOptions } from '../../../src/runtime/broker';
import { createIdentity } from '../../../src/runtime/certificate/identity';
import type { Step } from './step';
import { jsStep, pythonStep, step } from './step';
import type { Options, Tour } from './tour';
import { ownBroker, refusal } from './connect-support';

/** Connects and makes a station: the Python client takes a connection for open that the broker has already refused. */
async function use(tour: Tour, options: Options): Promise<void> {
  await tour.station({ name: tour.unique('use') }, await tour.connect(options));
}

interface TlsFiles {
  readonly broker: LocalBroker;
  readonly options: Options;
  readonly stranger: Options;
}

/** A broker that wants client certificates. */
async function tlsBroker(tour: Tour, broker: LocalBrokerOptions = {}): Promise<TlsFiles> {
  const [server, client, stranger] = [
    createIdentity('server'),
    createIdentity('client'),
    createIdentity('client'),
  ];
  const file = (content: Buffer): Promise<string> => tour.file(content.toString());
  const files = {
    caFile: await file(server.certificate),
    certFile: await file(client.certificate),
    keyFile: await file(client.privateKey),
  };
  const strange = {
    caFile: await file(stranger.certificate),
    certFile: await file(stranger.certificate),
    keyFile: await file(stranger.privateKey),
  };
  const tls = { certFile: files.caFile, keyFile: await file(server.privateKey), caFile: files.certFile };
  const started = await ownBroker(tour, { tls, ...broker });
  const options = { host: 'localhost', port: started.port, timeoutMs: 1_000, reconnect: false };
  return { broker: started, options: { ...options, ...files }, stranger: strange };
}

export const tls: readonly Step[] = [
  jsStep('CON-17, CON-18, CON-19, CON-21', 'TLS with the three files and a password', async (tour) => {
    const { options, stranger, broker } = await tlsBroker(tour);
    await use(tour, options);
    const { certFile, keyFile, caFile } = stranger;
    await expect(use(tour, { ...options, caFile })).rejects.toThrow();
    await expect(use(tour, { ...options, keyFile })).rejects.toThrow();
    await expect(use(tour, { ...options, certFile, keyFile })).rejects.toThrow();
    await expect(use(tour, { port: broker.port, timeoutMs: 500, reconnect: false })).rejects.toThrow();
  }),
  pythonStep('CON-17, CON-18, CON-19, CON-21', 'TLS with the three files and a token', async (tour) => {
    const { options, stranger } = await tlsBroker(tour, { connectionToken: 'secret' });
    const login = { ...options, password: '', connectionToken: 'secret' };
    await use(tour, login);
    const { certFile, keyFile, caFile } = stranger;
    await expect(use(tour, { ...login, caFile })).rejects.toThrow();
    await expect(use(tour, { ...login, keyFile })).rejects.toThrow();
    await expect(use(tour, { ...login, certFile, keyFile })).rejects.toThrow();
    // With a password this client copies its TLS context for a first, short connection, and that cannot be copied.
    expect(await refusal(tour, options)).toContain('SSLContext');
  }),
  step('CON-20', 'all three TLS files or none', async (tour) => {
    const files: Options = { keyFile: 'k', certFile: 'c', caFile: 'a' };
    for (const missing of ['key', 'cert', 'ca']) {
      expect(await refusal(tour, { ...files, [`${missing}File`]: '' })).toContain(
        `Must provide a TLS ${missing} file`,
      );
    }
  }),
];
