import type { BrokerContext } from '../../../../src/runtime/broker/objects/context';
import { removeWhatIsTooOld } from '../../../../src/runtime/broker/objects/housekeeping';
import { loadMetadata } from '../../../../src/runtime/broker/store/metadata';

const HOUR = 3_600_000;
const ago = (hours: number): string => new Date(Date.now() - hours * HOUR).toISOString();

/** Real tables over a bucket in memory: ages cannot be waited for on a real broker. */
async function contextWith(settings: { dls: number; gc: number } | undefined): Promise<BrokerContext> {
  const metadata = await loadMetadata({
    firstFreeId: 1,
    load: () => Promise.resolve(new Map()),
    put: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  });
  if (settings !== undefined) {
    await metadata.clusterSettings.insert({
      dlsRetentionHours: settings.dls,
      gcRetentionHours: settings.gc,
      logsRetentionDays: 7,
      tieredStorageSeconds: 8,
      maxMessageMegabytes: 1,
      brokerHost: '',
      uiHost: '',
      restGatewayHost: '',
    });
  }
  for (const [index, hours] of [1, 3].entries()) {
    await metadata.deadLetters.insert({
      stationId: 1,
      type: 'poison',
      contentKey: `1.1.${index}`,
      partition: 1,
      messageSeq: index,
      groups: ['g'],
      toldFor: [],
      producer: 'p',
      timeSent: ago(9),
      size: 1,
      updatedAt: ago(hours),
      validationError: '',
    });
    const client = {
      stationId: 1,
      type: 'application',
      connectionId: 'c',
      isActive: false,
      updatedAt: ago(hours),
      sdk: '',
      appId: '',
      version: 4,
    } as const;
    await metadata.producers.insert({ ...client, name: `p${hours}` });
    await metadata.producers.insert({ ...client, name: `active${hours}`, isActive: true });
    const consumer = {
      partitions: [1],
      maxAckTimeMs: 1,
      maxMsgDeliveries: 1,
      startConsumeFromSequence: 1,
      lastMessages: -1,
    };
    await metadata.consumers.insert({ ...client, ...consumer, name: `c${hours}`, group: 'both' });
    await metadata.consumers.insert({ ...client, ...consumer, name: `d${hours}`, group: `only${hours}` });
  }
  for (const hours of [71, 73]) {
    const line = { stationName: 's', message: `${hours}`, createdBy: 1, createdByUsername: 'root' };
    await metadata.audit.insert({ ...line, createdAt: ago(hours) });
  }
  const deadLetterContents = { remove: () => Promise.resolve() };
  return { metadata, deadLetterContents } as unknown as BrokerContext;
}

test.each<[{ dls: number; gc: number } | undefined, number, string[], string[], string]>([
  [undefined, 2, ['p1', 'active1', 'p3', 'active3'], ['c1', 'd1', 'c3', 'd3'], 'nothing was set'],
  [{ dls: 2, gc: 0 }, 1, ['p1', 'active1', 'p3', 'active3'], ['c1', 'd1', 'c3', 'd3'], 'dead letters alone'],
  [{ dls: 0, gc: 2 }, 2, ['p1', 'active1', 'active3'], ['c1', 'd1', 'd3'], 'the last of a group stays'],
  [{ dls: 4, gc: 4 }, 2, ['p1', 'active1', 'p3', 'active3'], ['c1', 'd1', 'c3', 'd3'], 'all are younger'],
])(
  '%j leaves %i dead letters, producers %j and consumers %j (%s)',
  async (settings, letters, producers, consumers, _why) => {
    const context = await contextWith(settings);
    await removeWhatIsTooOld(context);
    const { metadata } = context;
    expect(metadata.deadLetters.size).toBe(letters);
    expect(metadata.producers.all().map(({ name }) => name)).toEqual(producers);
    expect(metadata.consumers.all().map(({ name }) => name)).toEqual(consumers);
    expect(metadata.audit.all().map(({ message }) => message)).toEqual(['71']);
  },
);
