import { Refusal } from './errors';

/** The rules of the broker for what is said about a user, with its words. Each throws a Refusal. */

export function checkLength(what: string, text: string, most: number): void {
  if (Array.from(text).length > most) {
    throw new Refusal(`${what} exceeds the maximum allowed length of ${most} characters`);
  }
}

/** @param name in lower case */
export function checkUsername(name: string): void {
  if (!/^[a-z0-9_.-]*$/.test(name)) throw new Refusal('username has to include only letters/numbers/./_/- ');
  checkLength('username', name, 60);
}

export function checkPassword(password: string): void {
  if (password === '') throw new Refusal('Password was not provided');
  checkLength('password', password, 20);
  const isGood =
    /^[A-Za-z0-9!?\-@#$%]{8,}$/.test(password) &&
    [/[A-Z]/, /[a-z]/, /[0-9]/, /[!?\-@#$%]/].every((kind) => kind.test(password));
  if (!isGood) {
    throw new Refusal(
      'Password must be at least 8 characters long, contain both uppercase and lowercase, and at least one number and one special character',
    );
  }
}

export function checkPattern(pattern: string): void {
  checkLength('permission', pattern, 120);
  if (!/^[a-z0-9_.*-]*$/.test(pattern)) {
    throw new Refusal('permission has to include only letters/numbers/./_/-/* ');
  }
}
