// What the broker knows of consumer groups, asked over a connection of its own, so that no client is measured by its own word.
import { randomUUID } from 'node:crypto';
import { connect } from 'nats';

const TIMEOUT_MS = 30_000;

export class ConsumerGroups {
  #jetStream;

  static async at(port) {
    const groups = new ConsumerGroups();
    const user = { user: 'root', pass: 'memphis', name: `${randomUUID()}::root` };
    const connection = await connect({ servers: `127.0.0.1:${port}`, ...user });
    groups.#jetStream = await connection.jetstreamManager();
    return groups;
  }

  /** Waits until the broker has stored an acknowledgement of every message of the station. */
  async allAcked({ station, group }) {
    const late = performance.now() + TIMEOUT_MS;
    for (;;) {
      const { num_ack_pending, num_pending } = await this.#jetStream.consumers.info(`${station}$1`, group);
      if (num_ack_pending + num_pending === 0) return;
      if (performance.now() > late) throw new Error(`${num_ack_pending} acks of "${station}" are not stored`);
    }
  }
}
