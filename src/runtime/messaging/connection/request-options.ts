import type { WaitOptions } from '../../connection/abort';

/** What every call that asks the broker for something takes. */
export interface RequestOptions extends WaitOptions {
  /** How often a request is sent again after it was not answered in time. Default 5, so 6 tries at most. */
  readonly timeoutRetries?: number | undefined;
}
