/** What Terraform puts into the environment of every provider that it starts. */
const MAGIC_COOKIE_NAME = 'TF_PLUGIN_MAGIC_COOKIE';
const MAGIC_COOKIE_VALUE = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

/** The one version of the plugin protocol that is served. */
const PROTOCOL_VERSION = 6;

/** Terraform's side of the handshake. */
export interface HostRequest {
  /** Terraform's one-run certificate (PEM); absent when the user switched TLS off with `TF_DISABLE_PLUGIN_TLS`. */
  readonly clientCertificate: string | undefined;
  /** Folder for the socket; absent means the temp folder of the system. */
  readonly socketFolder: string | undefined;
  /** Range of TCP ports, for systems where Terraform cannot dial a Unix socket of Node. */
  readonly ports: { readonly min: number; readonly max: number };
  /** The host asks whether several connections may share one (a seventh field in the line). */
  readonly asksAboutMultiplexing: boolean;
}

/** Reads the handshake from the environment, or says why this program cannot serve. */
export function readHostRequest(
  environment: NodeJS.ProcessEnv,
  provider: { readonly address: string; readonly version: string },
): HostRequest | { readonly refusal: string } {
  if (environment[MAGIC_COOKIE_NAME] !== MAGIC_COOKIE_VALUE) {
    return {
      refusal:
        `This program is the Terraform provider ${provider.address}, version ${provider.version}.\n` +
        'Terraform or OpenTofu starts it by itself; it does nothing when started by hand.\n' +
        'Use it from a stack directory: terraform init, then terraform plan or terraform apply.',
    };
  }
  const versions = (environment.PLUGIN_PROTOCOL_VERSIONS ?? String(PROTOCOL_VERSION)).split(',');
  if (!versions.some((version) => Number(version) === PROTOCOL_VERSION)) {
    return {
      refusal:
        `The provider ${provider.address} ${provider.version} speaks plugin protocol ${PROTOCOL_VERSION}, ` +
        `but the program that started it offers ${versions.join(', ')}. Use Terraform 1.5 or later, or OpenTofu.`,
    };
  }
  return {
    clientCertificate: nonEmpty(environment.PLUGIN_CLIENT_CERT),
    socketFolder: nonEmpty(environment.PLUGIN_UNIX_SOCKET_DIR),
    ports: {
      min: Number(environment.PLUGIN_MIN_PORT ?? 0),
      max: Number(environment.PLUGIN_MAX_PORT ?? 0),
    },
    asksAboutMultiplexing: environment.PLUGIN_MULTIPLEX_GRPC !== undefined,
  };
}

/** An empty variable counts as absent. */
function nonEmpty(variable: string | undefined): string | undefined {
  return variable === '' ? undefined : variable;
}

/** Where the provider listens. */
export interface Endpoint {
  readonly network: 'unix' | 'tcp';
  /** Path of the socket, or `127.0.0.1:port`. */
  readonly address: string;
}

/** The one line that Terraform reads from the provider's stdout before it connects. */
export function handshakeLine(endpoint: Endpoint, certificateField: string, request: HostRequest): string {
  const fields = ['1', PROTOCOL_VERSION, endpoint.network, endpoint.address, 'grpc', certificateField];
  if (request.asksAboutMultiplexing) fields.push('false');
  return `${fields.join('|')}\n`;
}
