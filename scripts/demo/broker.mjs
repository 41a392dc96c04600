// The demo's broker: started with the package's own command line, looked at and changed by hand as somebody else would.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { once } from 'node:events';

const require = createRequire(import.meta.url);

/** Starts `cdktf-memphis broker start` on free ports. */
export async function startBroker(root, { keep }) {
  const child = spawn(
    process.execPath,
    ['lib/cli/main.js', 'broker', 'start', '--port', '0', '--rest-port', '0', '--json'],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: keep },
  );
  let printed = '';
  child.stdout.setEncoding('utf8');
  const status = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const line = printed.split('\n')[0];
      if (printed.includes('\n')) resolve(JSON.parse(line));
    });
    child.on('exit', (code) => reject(new Error(`the local broker ended with exit code ${code}`)));
  });
  const environment = {
    MEMPHIS_HOST: status.host,
    MEMPHIS_PORT: String(status.port),
    MEMPHIS_REST_URL: status.restUrl,
    MEMPHIS_USERNAME: status.username ?? 'root',
    MEMPHIS_PASSWORD: status.password ?? 'memphis',
  };
  return {
    status,
    environment,
    pid: child.pid,
    release: () => {
      child.stdout.destroy();
      child.unref();
    },
    kill: () => child.kill('SIGTERM'),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Opens the broker as a person with a NATS client and the REST API would. */
export async function openBroker(root, environment) {
  const { connectAdmin } = require(`${root}/lib/runtime/admin`);
  const { observe, stationKind, stored } = require(`${root}/lib/runtime/reconcile`);
  const { resolveConnection } = require(`${root}/lib/model/connection`);
  const admin = await connectAdmin(resolveConnection({}, environment));

  /** What is live, read from the broker and not from any state file. */
  const stations = async () => {
    const live = await observe(admin);
    return [...live.stations.values()]
      .map((station) => ({
        ...stationKind.normalise(station),
        schema: station.row.schemaName,
        stored: stored(station),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  return {
    stations,
    counts: async () =>
      Object.fromEntries((await stations()).map((station) => [station.name, station.stored.messages])),
    schemas: async () =>
      (await admin.listSchemas()).map(
        (schema) => `${schema.name} v${schema.activeVersionNumber} (${schema.type})`,
      ),
    orphans: async () => (await observe(admin)).orphans.map((stream) => stream.config.name),
    setMaxAge: async (station, seconds) => {
      const live = (await observe(admin)).stations.get(station);
      for (const { config } of live.streams) await admin.updateStream({ ...config, max_age: seconds * 1e9 });
    },
    detachSchema: (station) => admin.detachSchema(station),
    close: () => admin.close(),
  };
}

export function table(rows) {
  const Table = require('cli-table3');
  const out = new Table({
    head: ['station', 'partitions', 'retention', 'storage', 'dead letters to', 'schema', 'messages'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    out.push([
      row.name,
      row.partitionsNumber,
      row.retentionType === 'ack_based' ? 'ack_based' : `${row.retentionType} ${row.retentionValue}`,
      row.storageType,
      row.dlsStation || '-',
      row.schema || '-',
      row.stored.messages,
    ]);
  }
  return out.toString();
}
