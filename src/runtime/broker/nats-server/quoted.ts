/** A quoted string of the server's configuration language; every byte that could mean something is written as hex. */
export function quoted(text: string): string {
  const bytes = Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_./: $-]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${bytes.join('')}"`;
}
