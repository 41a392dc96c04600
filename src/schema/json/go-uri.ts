/**
 * URIs as the broker, a Go program, reads them: more lenient than RFC 3986 in places, stricter in others, and without the
 * repairs that `URL` makes.
 */

/** Why the broker cannot read a URI, or a reference to one. */
export function uriProblem(reference: string): string | undefined {
  const [text = '', fragment = ''] = splitOnce(reference, '#');

  if (/[\u0000-\u001f\u007f]/.test(text)) return 'it contains a control character';
  if (reference.includes('\\')) return 'it contains a backslash';
  if (/%(?![0-9a-fA-F]{2})/.test(splitOnce(text, '?')[0] ?? '') || /%(?![0-9a-fA-F]{2})/.test(fragment))
    return 'invalid escape';
  if (text.startsWith(':')) return 'the scheme is missing';
  const rest = splitOnce(text.replace(SCHEME, ''), '?')[0] ?? '';
  if (!SCHEME.test(text) && (splitOnce(rest, '/')[0] ?? '').includes(':'))
    return 'its first segment contains a colon';
  return rest.startsWith('//') ? hostProblem(rest.slice(2).split('/')[0] ?? '') : undefined;
}

/** Whether a URI says of which kind it is. */
export function hasScheme(uri: string): boolean {
  return SCHEME.test(uri);
}

/**
 * Why the broker does not find a schema again under its identifier: it looks for the form in which Go writes the URI.
 * An empty query even makes it read the same schema for ever.
 */
export function lostIdentifier(id: string): string | undefined {
  const [text = ''] = splitOnce(id, '#');
  if (text.endsWith('?') && text.indexOf('?') === text.length - 1)
    return 'it ends with an empty query, which can crash the broker';
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme === undefined) return undefined;
  if (/[A-Z]/.test(scheme) && !scheme.startsWith('urn:')) return 'its scheme has to be lower case';
  const path = splitOnce(text.slice(scheme.length), '?')[0] ?? '';
  if (path.startsWith('/') && !path.startsWith('//') && scheme !== 'file:') return 'its host is missing';
  if (path.startsWith('/') && path.split('/').some((step) => step === '.' || step === '..'))
    return 'it contains a step to another folder';
  return undefined;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function hostProblem(authority: string): string | undefined {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const [, port = ''] = /\](.*)$/.exec(host) ?? /^[^:]*(.*)$/.exec(host) ?? [];
  if (host.startsWith('[') && !host.includes(']')) return 'missing "]" in the host';
  if (port !== '' && !/^:\d*$/.test(port)) return 'invalid port';
  if (/[\s<>"`|^{}]/.test(host)) return 'invalid character in the host';
  return undefined;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
