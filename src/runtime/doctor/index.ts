import type { Connection } from '../../model/connection';
import { resolveConnection } from '../../model/connection';
import { MemphisError } from '../../model/errors';
import { connectAdmin } from '../admin';
import { certificateChecks } from './certificates';
import type { CheckResult } from './check';
import { resultsOf } from './check';
import { clockCheck } from './clock';
import { loginChecks, openSides } from './login';
import { nodeCheck } from './node';
import { permissionChecks } from './permissions';
import type { PeerRanges } from './project-packages';
import { packageChecks } from './project-packages';
import { providerInstallationCheck } from './provider-installation';
import { reachabilityChecks } from './reachability';
import { sameBrokerCheck } from './same-broker';
import { terraformCheck } from './terraform';
import { versionsCheck } from './versions';

export type { CheckResult, CheckStatus } from './check';

export interface DoctorOptions {
  /** The folder of the stacks. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder of the user. */
  readonly home: string;
  /** As `process.versions.node` has it. */
  readonly nodeVersion: string;
  /** Ranges of the manifest of this package. */
  readonly nodeRange: string;
  readonly peers: PeerRanges;
}

/** A group of results, in the order in which a person works through them. */
export interface CheckedArea {
  readonly name: 'machine' | 'project' | 'broker';
  readonly results: readonly CheckResult[];
}

const CHECK_TIMEOUT_MS = 15_000;
const LOGIN_TIMEOUT_MS = 5_000;

/** Runs every check, also after one has failed. Changes nothing. */
export async function examine(options: DoctorOptions): Promise<CheckedArea[]> {
  const { environment, folder, home, nodeVersion, nodeRange, peers } = options;
  const [machine, project, broker] = await Promise.all([
    resultsOf(
      [
        terraformCheck(environment),
        providerInstallationCheck(environment, home),
        nodeCheck(nodeVersion, nodeRange),
      ],
      CHECK_TIMEOUT_MS,
    ),
    resultsOf(packageChecks(folder, peers), CHECK_TIMEOUT_MS),
    brokerResults(environment),
  ]);
  return [
    { name: 'machine', results: machine },
    { name: 'project', results: project },
    { name: 'broker', results: broker },
  ];
}

async function brokerResults(environment: DoctorOptions['environment']): Promise<CheckResult[]> {
  let connection: Connection;
  try {
    connection = resolveConnection(undefined, environment);
  } catch (error) {
    if (!(error instanceof MemphisError)) throw error;
    const { problems, found } = error;
    return [
      {
        id: 'connection-settings',
        title: 'Settings of the connection',
        status: 'problem',
        found: `${problems.length === 0 ? found : problems.join('; ')}.`,
        next: 'Set MEMPHIS_HOST, MEMPHIS_USERNAME and MEMPHIS_PASSWORD; cdktf-memphis broker start prints those of a local broker.',
        isUnreachable: true,
      },
    ];
  }
  const sides = openSides(connection, LOGIN_TIMEOUT_MS);
  const checks = [
    ...reachabilityChecks(connection),
    ...certificateChecks(connection),
    ...loginChecks(connection, sides),
    versionsCheck(sides),
    sameBrokerCheck(() => connectAdmin(connection, LOGIN_TIMEOUT_MS)),
    ...permissionChecks(sides),
    clockCheck(connection),
  ];
  try {
    return await resultsOf(checks, CHECK_TIMEOUT_MS);
  } finally {
    await sides.close();
  }
}
