import type { Admin, StreamInfo } from '../admin';
import { SAME_CREATION_MS, firstStreamsMade } from '../admin/one-broker';
import { fromInternalName, internalName } from '../../model/names';
import { BrokerMismatchError, errorText } from '../../model/errors';
import { observe } from '../reconcile';
import type { Check, CheckResult } from './check';
import { failureOf } from './login';

type Answer = Omit<CheckResult, 'id' | 'title'>;

/** No request takes longer, so that a station and a stream that lie further apart have nothing to do with each other. */
const OTHER_CREATION_MS = 60_000;
/** How many stations are compared; one that fits is enough. */
const MOST_COMPARED = 5;

/** Whether the client port and the REST API belong to one broker. Nothing is written. */
export function sameBrokerCheck(admin: () => Promise<Admin>): Check {
  return {
    id: 'same-broker',
    title: 'Both sides one broker',
    needs: ['client-login', 'rest-login'],
    run: async () => {
      const open = await admin();
      try {
        return await compare(open);
      } catch (error) {
        if (error instanceof BrokerMismatchError) return failureOf(error);
        return { status: 'notChecked', found: `It cannot be read: ${errorText(error)}` };
      } finally {
        await open.close();
      }
    },
  };
}

async function compare(admin: Admin): Promise<Answer> {
  const nearest = await nearestCreation(admin);
  if (nearest !== undefined && nearest.apartMs > OTHER_CREATION_MS) return apart(admin, nearest);
  // It throws where the broker's objects prove that they are two.
  const { stations } = await observe(admin);
  const records = await admin.ledger.list('station');
  const known = [...records].find(
    ([name, { uid }]) => uid !== undefined && String(stations.get(internalName(name))?.row.id) === uid,
  );
  if (known !== undefined) {
    return {
      status: 'ok',
      found: `The ledger of the client port knows station "${known[0]}" of the REST API.`,
    };
  }
  const [row] = [...stations.values()].filter(({ row: { isNative } }) => isNative);
  const partition = row?.row.partitions[0];
  if (
    row !== undefined &&
    partition !== undefined &&
    (await admin.canSeeRest(row.row.name, partition)) === true
  ) {
    return { status: 'ok', found: 'The client port sees what the REST API asks its streams for.' };
  }
  if (nearest === undefined) {
    return { status: 'notChecked', found: 'The broker has no station by which it could be seen.' };
  }
  const { name, apartMs } = nearest;
  if (apartMs <= SAME_CREATION_MS) {
    return { status: 'ok', found: `Station "${name}" and its stream were made at the same time.` };
  }
  return { status: 'notChecked', found: `It is not certain: ${proofOf(nearest)}.` };
}

type CreationGap = Awaited<ReturnType<typeof creationsOf>>[number];

async function nearestCreation(admin: Admin): Promise<CreationGap | undefined> {
  return (await creationsOf(admin, await admin.listStreams())).sort((a, b) => a.apartMs - b.apartMs)[0];
}

function apart({ facts }: Admin, nearest: CreationGap): Answer {
  return {
    status: 'problem',
    found: `${facts.restAddress} and ${facts.address} do not seem to be one broker: ${proofOf(nearest)}.`,
    next: 'Set MEMPHIS_REST_URL to the REST API of the broker that MEMPHIS_HOST and MEMPHIS_PORT name.',
  };
}

function proofOf({ name, apartMs }: CreationGap): string {
  return `station "${name}" and its stream were made ${Math.round(apartMs / 1000)} s apart`;
}

/** How far apart stations and their first streams were made. */
async function creationsOf(
  admin: Admin,
  streams: readonly StreamInfo[],
): Promise<{ readonly name: string; readonly apartMs: number }[]> {
  const first = [...firstStreamsMade(streams)].slice(0, MOST_COMPARED);
  const found = await Promise.all(
    first.map(async ([internal, madeAt]) => {
      const name = fromInternalName(internal);
      const creation = (await admin.readStation(name))?.creation;
      if (creation === undefined) return [];
      const apartMs = Math.abs(Date.parse(creation.at) - madeAt);
      return Number.isNaN(apartMs) ? [] : [{ name, apartMs }];
    }),
  );
  return found.flat();
}
