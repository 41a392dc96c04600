import type { Connection } from '../../model/connection';
import type { Check } from './check';

const TIMEOUT_MS = 5_000;
/** The header has whole seconds. */
const WARNING_MS = 5_000;
const PROBLEM_MS = 60_000;

/** Whether the clocks of this machine and of the broker agree. */
export function clockCheck({ restUrl }: Pick<Connection, 'restUrl'>): Check {
  return {
    id: 'clock',
    title: 'Clocks',
    needs: ['rest-port'],
    run: async () => {
      const before = Date.now();
      const reply = await fetch(`${restUrl}/api/monitoring/getClusterInfo`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch(() => undefined);
      // The login to the REST API says why.
      if (reply === undefined) return { status: 'notChecked', found: 'The REST API does not answer.' };
      const after = Date.now();
      await reply.arrayBuffer();
      const theirs = Date.parse(reply.headers.get('date') ?? '');
      if (Number.isNaN(theirs))
        return { status: 'notChecked', found: 'The REST API does not send its time.' };
      // Anywhere between the two, and up to a second later than the header says.
      const skew = theirs > after ? theirs - after : Math.min(0, theirs + 999 - before);
      const size = Math.abs(skew);
      if (size <= WARNING_MS) return { status: 'ok', found: 'This machine and the broker agree.' };
      const found = `The clock of the broker is ${Math.round(size / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} this machine.`;
      const next =
        'Synchronise both with NTP (timedatectl set-ntp true); certificates, ages of messages and latencies depend on it.';
      return { status: size > PROBLEM_MS ? 'problem' : 'warning', found, next };
    },
  };
}
