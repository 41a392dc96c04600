import { type NatsConnection, Events } from 'nats';
import { parsePartitionStream } from '../../model/names';
import type { StreamWatcher } from './port';

const SUBJECTS = '$JS.EVENT.ADVISORY.STREAM.*.*';

const happenings = { CREATED: 'created', UPDATED: 'updated', DELETED: 'deleted' } as const;

/** Listens to the server's announcements about streams. @returns ends it. */
export function watchStreams(nats: NatsConnection, watcher: StreamWatcher): () => void {
  let isWatching = true;
  const subscription = nats.subscribe(SUBJECTS, {
    callback: (error, { subject }) => {
      if (error !== null || !isWatching) return;
      const [happening = '', stream = ''] = subject.split('.').slice(-2);
      const what = (happenings as Readonly<Partial<Record<string, 'created' | 'updated' | 'deleted'>>>)[
        happening
      ];
      // Elections of leaders change nothing, and neither do streams that are not partitions of a station.
      if (what !== undefined && parsePartitionStream(stream) !== undefined) watcher.changed(stream, what);
    },
  });
  const statuses = nats.status();
  void (async () => {
    for await (const { type } of statuses) {
      if (type === Events.Disconnect) watcher.lost();
      if (type === Events.Reconnect) watcher.restored();
    }
  })();
  void nats.closed().then(() => {
    if (isWatching) watcher.ended();
  });
  return () => {
    isWatching = false;
    subscription.unsubscribe();
    (statuses as { stop?(): void }).stop?.();
  };
}
