import { UnsafeRequestError } from '../../model/errors';
import type { Ledger } from './ledger';
import type { Admin } from './port';

/** A call with such a name changes nothing. Whatever is called otherwise is refused, also a call that is new. */
type Reads = 'facts' | 'ledger' | 'close' | `${'list' | 'read' | 'count' | 'watch' | 'can'}${string}`;
const READS = /^(?:facts|ledger|close)$|^(?:list|read|count|watch|can)/;

type Refused = () => Promise<never>;

/** The same port without its writes: each of them throws before anything is sent. */
export function readOnly(admin: Admin): Admin {
  const writes = Object.keys(admin).filter((name) => !READS.test(name));
  const refused = Object.fromEntries(writes.map((name) => [name, refusal(name)]));
  return {
    ...admin,
    // Each write promises something, as the refusal does, or this does not compile.
    ...(refused as Record<Exclude<keyof Admin, Reads>, Refused>),
    ledger: readOnlyLedger(admin.ledger),
  };
}

function readOnlyLedger(ledger: Ledger): Ledger {
  const writes: Omit<Ledger, 'brokerId' | 'read' | 'list'> = {
    ensureBrokerId: refusal('ledger.ensureBrokerId'),
    write: refusal('ledger.write'),
    remove: refusal('ledger.remove'),
  };
  return {
    brokerId: () => ledger.brokerId(),
    read: (kind, name) => ledger.read(kind, name),
    list: (kind) => ledger.list(kind),
    ...writes,
  };
}

function refusal(call: string): Refused {
  return () =>
    Promise.reject(
      new UnsafeRequestError({
        attempted: `call ${call}`,
        found: 'this command only reads; nothing was sent',
        next: 'Report this as a defect of cdktf-memphis',
      }),
    );
}
