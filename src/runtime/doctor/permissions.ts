import type { NatsConnection } from 'nats';

import { errorText } from '../../model/errors';
import { RestRefusal } from '../admin/rest';
import type { Check, CheckResult } from './check';
import type { Sides } from './login';

type Answer = Omit<CheckResult, 'id' | 'title'>;

const TIMEOUT_MS = 3_000;
/** No object has this name: in upper case it is that of no station. */
const NOWHERE = 'CDKTF_MEMPHIS_DOCTOR';
const LEDGER = '$KV.CDKTF_MEMPHIS.doctor';

/**
 * What the user may do, each tried by a request that changes nothing: a read, or a write that is wrong in itself. A
 * broker that refuses it for what is wrong would have taken a right one.
 */
export function permissionChecks({ nats, rest }: Sides): Check[] {
  return [
    {
      id: 'read-streams',
      title: 'Permission to read streams',
      needs: ['client-login'],
      run: async () => natsAnswer(await nats, 'STREAM.LIST', {}, 'Plans and drift read all streams'),
    },
    {
      id: 'change-streams',
      title: 'Permission to change streams',
      needs: ['client-login'],
      // The subject names another stream than the body.
      run: async () =>
        natsAnswer(
          await nats,
          `STREAM.UPDATE.${NOWHERE}`,
          { name: `${NOWHERE}_2` },
          'Updates in place change streams',
        ),
    },
    {
      id: 'write-ledger',
      title: 'Permission to record owners',
      needs: ['client-login'],
      run: async () => ledgerAnswer(await nats),
    },
    {
      id: 'read-objects',
      title: 'Permission to read over REST',
      needs: ['rest-login'],
      run: async () => {
        const api = await rest;
        const attempted = 'list stations and schemas';
        await api.call({ method: 'GET', path: '/stations/getAllStations', attempted });
        await api.call({ method: 'GET', path: '/schemas/getAllSchemas', attempted });
        return { status: 'ok', found: 'Stations and schemas can be read.' };
      },
    },
    {
      id: 'change-objects',
      title: 'Permission to change over REST',
      needs: ['rest-login'],
      run: async () => {
        const api = await rest;
        try {
          // Without a name.
          await api.call({
            method: 'POST',
            path: '/stations/createStation',
            body: {},
            attempted: 'create a station',
          });
        } catch (error) {
          // The form of a request is checked after the user, and a user that the REST API lets in may change everything.
          if (error instanceof RestRefusal && error.status === 400) {
            return {
              status: 'ok',
              found: 'Every user that the REST API lets in may create and remove objects.',
            };
          }
          throw error;
        }
        return { status: 'notChecked', found: 'The broker took a station without a name.' };
      },
    },
    {
      id: 'produce',
      title: 'Permission to produce and consume',
      needs: ['client-login'],
      run: () =>
        Promise.resolve({
          status: 'notChecked',
          found:
            'The broker says it for one station at a time, and only to a producer that it has registered.',
          next: 'Run a smoke test: cdktf-memphis smoke.',
        }),
    },
  ];
}

const REMEDY =
  'Use root, or a user of type application without permission lists: a list limits the user to some stations.';

async function natsAnswer(nats: NatsConnection, api: string, body: object, why: string): Promise<Answer> {
  const denied = await isDenied(nats, `$JS.API.${api}`, async (subject) => {
    await nats.request(subject, JSON.stringify(body), { timeout: TIMEOUT_MS });
  });
  if (!denied) return { status: 'ok', found: `${why}, which is allowed.` };
  return { status: 'problem', found: `The broker denies $JS.API.${api}. ${why}.`, next: REMEDY };
}

/** A write that expects a message which cannot be there; without a ledger nobody answers, which is no denial. */
async function ledgerAnswer(nats: NatsConnection): Promise<Answer> {
  const { headers } = await import('nats');
  const expected = headers();
  expected.set('Nats-Expected-Last-Subject-Sequence', String(2 ** 40));
  const denied = await isDenied(nats, LEDGER, async (subject) => {
    await nats.request(subject, '', { timeout: TIMEOUT_MS, headers: expected });
  });
  if (!denied) return { status: 'ok', found: 'Owners of objects can be recorded on the broker.' };
  return {
    status: 'problem',
    found: `The broker denies ${LEDGER}. Deploys record there who owns an object.`,
    next: REMEDY,
  };
}

/** The server reports a denied subject beside the request, which only times out. */
async function isDenied(
  nats: NatsConnection,
  subject: string,
  request: (subject: string) => Promise<void>,
): Promise<boolean> {
  const { Events } = await import('nats');
  const status = nats.status();
  const reported = (async (): Promise<'denied' | 'ended'> => {
    for await (const { type, permissionContext } of status) {
      const context = permissionContext as { readonly subject?: string } | undefined;
      if (type === Events.Error && context?.subject === subject) return 'denied';
    }
    return 'ended';
  })();
  try {
    const answered = request(subject).then(
      () => false,
      (error: unknown) => {
        if ((error as { readonly code?: unknown }).code === 'PERMISSIONS_VIOLATION') return true;
        if ((error as { readonly code?: unknown }).code === '503') return false;
        throw new Error(`The broker did not answer ${subject}: ${errorText(error)}`, { cause: error });
      },
    );
    const denied = await Promise.race([reported.then((end) => end === 'denied'), answered]);
    answered.catch(() => undefined);
    return denied;
  } finally {
    (status as { stop?: () => void }).stop?.();
  }
}
