import type { EventLoopUtilization } from 'node:perf_hooks';
import type { SmokeLoad } from '../../model/smoke-load';
import type { Sending } from './sender';

/** A rate that is reached to this part counts as reached. */
const REACHED = 0.98;

/** An event loop that is busy for this part of its time is what limits everything. */
const BUSY = 0.9;

/** What a load showed. */
export interface LoadObservation {
  readonly load: SmokeLoad;
  readonly sent: number;
  readonly sending: Sending;
  readonly utilization: EventLoopUtilization;
}

/** What kept a load from its rate, as a sentence. */
export function loadLimit({ load, sent, sending, utilization }: LoadObservation): string {
  const wantedMs = load.durationMs + (load.rampMs ?? 0);
  const reached = wantedMs / Math.max(wantedMs, sending.milliseconds);
  const rate = Math.round((sent / sending.milliseconds) * 1_000);
  const busy = Math.round(utilization.utilization * 100);
  if (reached >= REACHED) return `nothing: the rate was reached (${rate} messages a second)`;
  const got = `${rate} of ${load.rate} messages a second`;
  if (utilization.utilization >= BUSY) {
    return `this process: its CPU was busy ${busy} % of the time (${got}); use a faster machine, or run several tests`;
  }
  if (sending.waitedMs > 0) {
    return `the broker: it acknowledged ${got}; ${Math.round(sending.waitedMs)} ms passed with the most messages outstanding`;
  }
  return `the acknowledgements of the last messages, which came ${Math.round(sending.milliseconds - wantedMs)} ms after the load (${got})`;
}
