/** The report on the page, kept current from the server that the page came from. */
import { useEffect, useState } from 'preact/hooks';
import type { Report } from '../../report';
import { printableReport } from './printable-report';

const POLL_MS = 5_000;

export interface LiveReport {
  readonly report: Report;
  /** `static`: a file; `current`: as the server last told; `lost`: the server does not answer. */
  readonly state: 'static' | 'current' | 'lost';
}

/** @param source address of the JSON report beside the page; absent for a file, which is never refreshed */
export function useReport(initial: Report, source: string | undefined): LiveReport {
  const [live, setLive] = useState<LiveReport>({
    report: initial,
    state: source === undefined ? 'static' : 'current',
  });
  useEffect(() => {
    if (source === undefined) return undefined;
    let tag = '';
    const poll = async (): Promise<void> => {
      // A hidden page asks nothing, and catches up when it is shown again.
      if (document.visibilityState === 'hidden') return;
      try {
        const response = await fetch(source, {
          cache: 'no-store',
          headers: tag === '' ? {} : { 'If-None-Match': tag },
        });
        const isNew = response.status !== 304;
        if (isNew && !response.ok) throw new Error(`HTTP ${response.status}`);
        tag = response.headers.get('ETag') ?? tag;
        const report = isNew ? reportIn(await response.json()) : undefined;
        setLive((last) => ({ report: report ?? last.report, state: 'current' }));
      } catch {
        setLive((last) => ({ ...last, state: 'lost' }));
      }
    };
    const ask = (): void => void poll();
    const timer = setInterval(ask, POLL_MS);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [source]);
  return live;
}

/** The report in a reply: the reply itself, or its member `report`. */
function reportIn(reply: unknown): Report | undefined {
  if (typeof reply !== 'object' || reply === null) return undefined;
  if ('objects' in reply && 'source' in reply) return printableReport(reply as Report);
  return 'report' in reply ? reportIn(reply.report) : undefined;
}
