// A run of its own process that carries a station and dies by kill -9 at one of its writes.
import { resolveConnection } from '../../../../src/model/connection';
import type { StationDeclaration } from '../../../../src/model/station';
import { canonicalStation } from '../../../../src/model/station';
import type { Admin, Ledger } from '../../../../src/runtime/admin';
import { connectAdmin } from '../../../../src/runtime/admin';
import { Run, stationKind } from '../../../../src/runtime/reconcile';

/** What the process is to do, as the JSON in its first argument. */
export interface Assignment {
  readonly from: string;
  readonly uid: string;
  readonly after: StationDeclaration;
  readonly owner: string;
  /** Which of its writes is the last; absent lets it live, and it prints how many it made. */
  readonly diesAt?: number;
  readonly when?: Death;
}

/** Relative to a request that writes. */
export type Death = 'before' | 'during' | 'after';

const reads = new Set([
  ...['readStream', 'countBySubject', 'listConsumers', 'listStreams', 'listStations', 'listNewestStations'],
  ...['readStation', 'readStationHistory', 'listSchemas', 'readSchema', 'watchStreams', 'close'],
  ...['brokerId', 'read', 'list'],
]);

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

async function main({ from, uid, after, owner, diesAt, when }: Assignment): Promise<void> {
  const admin = await connectAdmin(resolveConnection({}, process.env));
  let writes = 0;
  const deadly = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function' || typeof name !== 'string') return value;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const request = (): unknown => Reflect.apply(value, target, args);
          if (reads.has(name)) return request();
          writes += 1;
          if (writes !== diesAt) return request();
          if (when === 'before') return die();
          if (when === 'during') setTimeout(() => void die(), Math.random() * 3);
          const result: unknown = await request();
          return when === 'after' ? die() : result;
        };
      },
    });
  const port: Admin = deadly({ ...admin, ledger: deadly<Ledger>(admin.ledger) });
  const claim = { owner, adoptExisting: false, formerOwner: owner };
  const permissions = { allowMessageLoss: false, carry: { from } };
  await stationKind.update(new Run(port), canonicalStation(after), claim, permissions, uid);
  await admin.close();
  process.stdout.write(String(writes));
}

void main(JSON.parse(process.argv[2] ?? '{}') as Assignment);
