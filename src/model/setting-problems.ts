/** What is wrong with the value of a connection setting, wherever it was given. Secrets are never shown. */

const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** What is wrong with a TCP port that was given as a string or a number. */
export function portProblem(called: string, given: string | number): string | undefined {
  const port = /^\d+$/.test(String(given)) ? Number(given) : NaN;
  return port >= 1 && port <= 65_535
    ? undefined
    : `${called} is "${given}"; it must be a whole number from 1 to 65535`;
}

/** What is wrong with an account id. */
export function accountProblem(called: string, given: string): string | undefined {
  return /^\d+$/.test(given)
    ? undefined
    : `${called} is ${JSON.stringify(given)}; it must be a whole number of 0 or more`;
}

/** What is wrong with a user name: the broker splits the name of a connection at "::". */
export function usernameProblem(called: string, given: string): string | undefined {
  if (given.includes('::')) return `${called} must not hold "::"`;
  if (given.trim() !== given || CONTROL_CHARACTER.test(given))
    return `${called} is ${JSON.stringify(given)}; it must not start or end with a blank, or hold a line break`;
  return undefined;
}

/** What is wrong with a password or a token: usually the line break of the file that it was read from. */
export function secretProblem(called: string, given: string): string | undefined {
  return CONTROL_CHARACTER.test(given)
    ? `${called} holds a line break or another control character; take it out`
    : undefined;
}

/** What is wrong with the path of a file, as far as the path alone shows it. */
export function fileProblem(called: string, given: string): string | undefined {
  return given.trim() === '' || given.includes('\0')
    ? `${called} is ${JSON.stringify(given)}; it must be the path of a PEM file`
    : undefined;
}

/**
 * What is wrong with the address of a REST API.
 * @param credentials what sets the user and the password of the REST API
 */
export function restUrlProblem(called: string, given: string, credentials: string): string | undefined {
  const shown = JSON.stringify(withoutCredentials(given));
  if (!/^https?:\/\/[^/]/i.test(given)) {
    return `${called} is ${shown}; it must start with http:// or https:// and name a host`;
  }
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    return `${called} is ${shown}; it is not the address of a server; write http://HOST:PORT`;
  }
  if (url.username !== '' || url.password !== '') {
    return `${called} is ${shown}; it must not hold a user or a password; set ${credentials}`;
  }
  if (url.search !== '' || url.hash !== '' || /[?#\s]/.test(given)) {
    return `${called} is ${shown}; it must end with the port or a path; write http://HOST:PORT`;
  }
  return undefined;
}

/** Without a user and a password that somebody wrote into an address. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([^/]*\/\/)?.*@/, '$1…@');
}
