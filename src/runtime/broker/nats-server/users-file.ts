import { rename, writeFile } from 'node:fs/promises';

/** A user of the server, with the password in clear. */
export interface ServerUser {
  readonly user: string;
  readonly password: string;
  /** undefined: everything is allowed. */
  readonly permissions?: UserPermissions;
}

/** The subjects that a user may use; all others are denied. */
export interface UserPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * The file with the users of the account that holds the stations. The configurations of all servers include it, so that
 * users can come and go. It holds passwords, and is for its owner only.
 */
export class UsersFile {
  #written = '';

  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns false when the file says so already. */
  async write(users: readonly ServerUser[]): Promise<boolean> {
    const text = `users: [\n${users.map(userLine).join('')}]\n`;
    if (text === this.#written) return false;
    // A server may read it at any time.
    await writeFile(`${this.#path}.new`, text, { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
    this.#written = text;
    return true;
  }
}

function userLine({ user, password, permissions }: ServerUser): string {
  const allowed =
    permissions === undefined
      ? ''
      : `, permissions: { publish: { allow: ${list(permissions.publish)} }, subscribe: { allow: ${list(permissions.subscribe)} } }`;
  return `  { user: ${quoted(user)}, password: ${quoted(password)}${allowed} }\n`;
}

function list(subjects: readonly string[]): string {
  return `[${subjects.map(quoted).join(', ')}]`;
}

/** A quoted string of the server's configuration language; every byte that could mean something is written as hex. */
export function quoted(text: string): string {
  const bytes = Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_./: $-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
