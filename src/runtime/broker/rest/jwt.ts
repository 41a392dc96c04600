import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** A signed token with these claims; `exp` is in seconds since 1970. */
export function signToken(claims: Readonly<Record<string, unknown>>, secret: string): string {
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${signature(signed, secret)}`;
}

/** The claims of a token; undefined when it is malformed, signed with another secret or expired. */
export function verifyToken(token: string, secret: string): Readonly<Record<string, unknown>> | undefined {
  const [header, payload, given, ...more] = token.split('.');
  if (header === undefined || payload === undefined || given === undefined || more.length > 0)
    return undefined;
  const expected = signature(`${header}.${payload}`, secret);
  if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
    return undefined;
  }
  try {
    // Only the algorithm we sign with counts: "none" and public-key algorithms are the classic ways in.
    if ((decode(header) as { alg?: unknown }).alg !== 'HS256') return undefined;
    const claims = decode(payload) as Record<string, unknown>;
    return typeof claims.exp === 'number' && claims.exp > Date.now() / 1000 ? claims : undefined;
  } catch {
    return undefined;
  }
}

function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
