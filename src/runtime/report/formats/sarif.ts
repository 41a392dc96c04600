import { createHash } from 'node:crypto';
import type { Log, PhysicalLocation, ReportingDescriptor, Result } from 'sarif';

import type { Problem } from '../problems';
import { reportProblems, RULES } from '../problems';
import type { DeclarationSite } from '../report';
import type { Format } from './format';
import { printable, printableSentence } from './printable';

/** SARIF 2.1.0, for code scanning: one result a problem, at the line that declares the object. */
export const sarif: Format = {
  name: 'sarif',
  render(report) {
    const problems = reportProblems(report);
    const rules = [...new Set([...Object.keys(RULES), ...problems.map(({ rule }) => rule)])];
    const ruleIndexes = new Map(rules.map((rule, index) => [rule, index]));
    const fingerprint = fingerprints();
    const log: Log = {
      version: '2.1.0',
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      runs: [
        {
          tool: { driver: { name: 'cdktf-memphis', rules: rules.map(ruleOf) } },
          // A run replaces the results of the last one with the same id, whatever stacks it covers.
          automationDetails: { id: `cdktf-memphis/${report.source}/` },
          invocations: [{ executionSuccessful: true, endTimeUtc: report.madeAt }],
          columnKind: 'utf16CodeUnits',
          results: problems.map((problem) =>
            resultOf(problem, ruleIndexes.get(problem.rule) ?? -1, fingerprint(problem)),
          ),
        },
      ],
    };
    return `${JSON.stringify(log, undefined, 2)}\n`;
  },
};

function ruleOf(id: string): ReportingDescriptor {
  const text = RULES[id as keyof typeof RULES] as string | undefined;
  // The code of a finding; docs/errors.md explains those of this package.
  if (text === undefined) return { id: printable(id) };
  return { id, shortDescription: { text }, properties: { tags: ['memphis'] } };
}

function resultOf(problem: Problem, ruleIndex: number, fingerprint: string): Result {
  const { rule, severity, subject, message, declaration } = problem;
  return {
    ruleId: printable(rule),
    ruleIndex,
    level: severity,
    message: { text: plainText(subject === '' ? message : `${subject}: ${message}`) },
    locations: [
      {
        physicalLocation: physicalLocation(declaration),
        ...(declaration === undefined ? {} : { logicalLocations: [logicalLocation(declaration)] }),
      },
    ],
    // GitHub reads the first only, and would else make it of the source line.
    partialFingerprints: { primaryLocationLineHash: fingerprint, 'memphisObject/v1': fingerprint },
  };
}

function logicalLocation({ constructPath }: DeclarationSite): {
  readonly name: string;
  readonly fullyQualifiedName: string;
  readonly kind: string;
} {
  const path = printable(constructPath);
  return { name: path.slice(path.lastIndexOf('/') + 1), fullyQualifiedName: path, kind: 'resource' };
}

/** Code scanning refuses a file with a result that has no place, so that one without source is put at the project's file. */
function physicalLocation(declaration: DeclarationSite | undefined): PhysicalLocation {
  const { file = '', line = 1 } = declaration ?? {};
  return {
    artifactLocation: { uri: file === '' ? 'cdktf.json' : relativeUri(file), uriBaseId: '%SRCROOT%' },
    region: { startLine: file === '' ? 1 : line },
  };
}

function relativeUri(file: string): string {
  return file
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/^\/+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}

/** Text without what SARIF reads as a link, `[text](target)`. */
function plainText(text: string): string {
  return printableSentence(text).replaceAll('](', '] (');
}

/** What stays equal when the line moves or the value changes; the same problem once more gets another number. */
function fingerprints(): (problem: Problem) => string {
  const seen = new Map<string, number>();
  return ({ identity }) => {
    const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
    const occurrence = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, occurrence);
    return `${hash}:${occurrence}`;
  };
}
