import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';

const scryptKey = promisify<string, Buffer, number, Buffer>(scrypt);
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A password that only has to be recognised again. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await scryptKey(password, salt, KEY_BYTES);
  return Buffer.concat([salt, key]).toString('base64url');
}

export async function isPassword(password: string, hash: string): Promise<boolean> {
  const bytes = Buffer.from(hash, 'base64url');
  const key = await scryptKey(password, bytes.subarray(0, SALT_BYTES), KEY_BYTES);
  return bytes.length === SALT_BYTES + KEY_BYTES && timingSafeEqual(bytes.subarray(SALT_BYTES), key);
}

/** A password that the server has to be told in clear at every start. */
export function encryptPassword(password: string, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(secret), nonce);
  const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
}

/** @throws when it was encrypted with another secret. */
export function decryptPassword(encrypted: string, secret: string): string {
  const bytes = Buffer.from(encrypted, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(secret), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)).toString('utf8') + decipher.final('utf8');
}

function keyFrom(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

// Hashes have one length, so that the comparison tells nothing about the password.
export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(keyFrom(left), keyFrom(right));
}
