import type { ServerUser } from '../nats-server/users-file';
import type { ConnectHook } from '../proxy';
import type { BrokerContext } from './context';
import { isSameText } from './passwords';

/** Command line tools of NATS and the broker's own account are let in without being asked who they are. */
const UNCHECKED_NAME = 'NATS CLI';

/**
 * What a Memphis broker checks of a client before the server checks its password: that its name has the form of a
 * Memphis client (`<connection id>::<user>`) or of another NATS client (no `::`), and that its user is root or an
 * application user. A user without the id of the account gets it.
 */
export function connectCheck(
  { metadata, mode }: Pick<BrokerContext, 'metadata' | 'mode'>,
  clients: ServerUser,
  limitedPrefix: string,
): ConnectHook {
  const isTokenMode = mode.connectionToken !== '';
  const withToken = { accepted: true, user: clients.user, password: clients.password } as const;
  /** The user of the server that the user who logs in is. */
  const serverUser = (user: string | undefined): { readonly user?: string; readonly isLimited?: true } => {
    const [username = '', account = '1', ...more] = user?.split('$') ?? [];
    if (user === undefined || account !== '1' || more.length > 0) return {};
    if (metadata.users.find(username)?.permissions !== undefined) {
      return { user: limitedPrefix + username, isLimited: true };
    }
    return { user: `${username}$1` };
  };
  return ({ name, user, authToken }) => {
    const [, nativeUser, ...more] = name.split('::');
    const username = nativeUser?.toLowerCase() ?? /^[^$]*/.exec(user ?? '')?.[0] ?? '';
    const known = metadata.users.find(username);
    const foreign = nativeUser === undefined && known !== undefined ? { foreign: { name, username } } : {};
    if (name.includes(UNCHECKED_NAME) && !isTokenMode) {
      return { accepted: true, ...foreign, ...serverUser(user) };
    }
    if (more.length > 0) return { accepted: false };
    if (isTokenMode && !isSameText(authToken ?? '', mode.connectionToken)) return { accepted: false };
    // With a token other clients cannot say who they are, so that a real broker lets none in.
    if (isTokenMode && nativeUser === undefined) return { accepted: false };
    if (known === undefined || known.type === 'management') return { accepted: false };
    if (isTokenMode) return withToken;
    return { accepted: true, ...foreign, ...serverUser(user) };
  };
}
