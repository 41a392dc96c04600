import { externalName, internalName } from '../../../model/names';
import type { Difference, ReportedObject } from '../report';

/** Shown in place of a value that Terraform keeps secret, in Terraform's words. */
export const SENSITIVE = '(sensitive value)';

/** Shorter strings are hidden where they are quoted; anywhere else they would be parts of other words. */
const SHORTEST_IN_PROSE = 4;

/** What of an object is sensitive. */
export interface SensitiveParts {
  readonly fields: readonly string[];
  /** The values of these fields, as far as they are known. */
  readonly values: readonly unknown[];
  /** The field with the name of the object. */
  readonly nameField: string;
  /** Stands in place of a sensitive name. */
  readonly address: string;
}

/**
 * The same without the values of fields that come from something sensitive: neither what is declared nor what is live
 * is shown, also inside of messages.
 */
export function withoutSensitive(
  reported: ReportedObject,
  { fields: sensitive, values, nameField, address }: SensitiveParts,
): ReportedObject {
  if (sensitive.length === 0) return reported;
  const isHidden = ({ field }: Difference): boolean => sensitive.includes(field);
  const hidden = [
    ...values,
    ...(sensitive.includes(nameField) ? [reported.name].filter((name) => name !== address) : []),
    ...reported.differences.filter(isHidden).flatMap(({ declared, live }) => [declared, live]),
  ];
  const text = hiding(hidden);
  const { stake, live } = reported;
  return {
    ...reported,
    name: sensitive.includes(nameField) ? address : reported.name,
    differences: reported.differences.map((difference) =>
      isHidden(difference)
        ? {
            ...difference,
            ...(difference.declared === undefined ? {} : { declared: SENSITIVE }),
            ...(difference.live === undefined ? {} : { live: SENSITIVE }),
          }
        : difference,
    ),
    findings: reported.findings.map((finding) => ({ ...finding, message: text(finding.message) })),
    history: reported.history.map((entry) => ({
      ...entry,
      what: text(withoutCreated(entry.what, sensitive)),
    })),
    ...(stake === undefined ? {} : { stake: { ...stake, consequence: text(stake.consequence) } }),
    ...(live === undefined
      ? {}
      : {
          live: {
            ...live,
            schemaName: sensitive.includes('schemaName') ? SENSITIVE : text(live.schemaName),
            dlsStation: sensitive.includes('dlsStation') ? SENSITIVE : text(live.dlsStation),
            ...(live.owner === undefined ? {} : { owner: text(live.owner) }),
          },
        }),
  };
}

/** The value that a station was created with may be an earlier secret. */
function withoutCreated(what: string, sensitive: readonly string[]): string {
  const isAboutSensitive = sensitive.some((field) => what.startsWith(`${field} `));
  return isAboutSensitive ? what.replace(/(which was created with ).*(?=, behind)/s, `$1${SENSITIVE}`) : what;
}

/** Replaces values in a text, the longest first: one may be a part of another. */
function hiding(values: readonly unknown[]): (text: string) => string {
  const secrets = [...new Set(values.flat().flatMap(textsOf))].sort((a, b) => b.length - a.length);
  return (text) =>
    secrets.reduce((left, secret) => {
      const unquoted = left
        .replaceAll(JSON.stringify(secret), SENSITIVE)
        .replaceAll(`"${secret}"`, SENSITIVE);
      return secret.length < SHORTEST_IN_PROSE ? unquoted : unquoted.replaceAll(secret, SENSITIVE);
    }, text);
}

function textsOf(value: unknown): string[] {
  const isText = typeof value === 'string' || typeof value === 'number';
  if (!isText || value === '') return [];
  const text = String(value);
  // The broker writes names in lower case, and those of streams without dots.
  return [text, externalName(text), internalName(text)];
}
