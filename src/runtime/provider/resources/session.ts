import type { ConnectionSettings } from '../../../model/connection';
import { resolveConnection } from '../../../model/connection';
import type { Admin } from '../../admin';
import { connectAdmin } from '../../admin';
import type { LiveBroker } from '../../reconcile';
import { observe } from '../../reconcile';

/** One configured provider process: its connection to the broker, and what it has read. */
export class Session {
  private snapshot: Promise<LiveBroker> | undefined;
  private hasChanged = false;

  private constructor(readonly admin: Admin) {}

  static async open(settings: ConnectionSettings): Promise<Session> {
    return new Session(await connectAdmin(resolveConnection(settings)));
  }

  /** The broker's state for reads and plans, read once and in bulk. */
  live(): Promise<LiveBroker> {
    this.snapshot ??= observe(this.admin);
    return this.snapshot;
  }

  /** To be called before anything on the broker is changed: from then on the snapshot proves nothing. */
  changing(): void {
    this.hasChanged = true;
    this.snapshot = undefined;
  }

  /** True while this process has only planned, so that the snapshot says what is there. */
  get isPlanning(): boolean {
    return !this.hasChanged;
  }
}
