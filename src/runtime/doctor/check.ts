import { errorText } from '../../model/errors';

/**
 * What a check found: `ok`; `warning`, which breaks nothing yet; `problem`; or `notChecked`, where it cannot be known
 * from here.
 */
export type CheckStatus = 'ok' | 'warning' | 'problem' | 'notChecked';

/** The answer of a check. */
export interface CheckResult {
  /** Stable, for scripts: `broker-login`. */
  readonly id: string;
  /** What it is about, in a few words: `Login, client port`. */
  readonly title: string;
  readonly status: CheckStatus;
  /** What was found, as a sentence. */
  readonly found: string;
  /** What to do about it: the exact command or setting. Absent where there is nothing to do. */
  readonly next?: string;
  /** True when the broker cannot be reached, or refused the login. */
  readonly isUnreachable?: true;
}

/** A question that changes nothing. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** Ids of checks before it in the list; it is not tried unless all of them went well. */
  readonly needs?: readonly string[];
  /** Rejects only by mistake; the message becomes a problem. */
  readonly run: () => Promise<Omit<CheckResult, 'id' | 'title'>>;
}

/** Runs checks side by side, each to its end or its time-out. Never rejects. @returns the results in the same order */
export function resultsOf(checks: readonly Check[], timeoutMs: number): Promise<CheckResult[]> {
  const running = new Map<string, Promise<CheckResult>>();
  const order: Promise<CheckResult>[] = [];
  for (const check of checks) {
    const needed = (check.needs ?? []).flatMap((id) => running.get(id) ?? []);
    const result = resultAfter(needed, check, timeoutMs);
    running.set(check.id, result);
    order.push(result);
  }
  return Promise.all(order);
}

async function resultAfter(
  needed: readonly Promise<CheckResult>[],
  { id, title, run }: Check,
  timeoutMs: number,
): Promise<CheckResult> {
  const failed = (await Promise.all(needed)).find(
    (each) => each.status === 'problem' || each.status === 'notChecked',
  );
  if (failed !== undefined) {
    return { id, title, status: 'notChecked', found: `Not tried, because of "${failed.title}".` };
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Omit<CheckResult, 'id' | 'title'>>((resolve) => {
    const found = `No answer came within ${timeoutMs / 1000} s.`;
    timer = setTimeout(() => resolve({ status: 'problem', found }), timeoutMs);
  });
  try {
    return { id, title, ...(await Promise.race([run(), late])) };
  } catch (error) {
    return { id, title, status: 'problem', found: errorText(error) };
  } finally {
    clearTimeout(timer);
  }
}
