// One character of UTF-8, or one byte that belongs to none.
const character =
  /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\s\S]/g;

/**
 * The text of UTF-8 bytes, as Go reads it: every byte that belongs to no character becomes U+FFFD, where the decoder of
 * JavaScript makes one of several.
 * @param bytes one character for each byte (`latin1`).
 */
export function goTextOfBytes(bytes: string): string {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  if (!text.includes('\ufffd')) return text;
  return bytes.replace(character, (found) =>
    found.length === 1 && found > '\x7f' ? '\ufffd' : Buffer.from(found, 'latin1').toString('utf8'),
  );
}
