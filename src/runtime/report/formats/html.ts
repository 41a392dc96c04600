/** One HTML file that needs no other file and no network: the report as data, and the page that draws it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, errorText } from '../../../model/errors';
import type { Report } from '../report';
import type { Format, FormatOptions } from './format';
import { verdictOf } from './html-page/verdict';
import { titles } from './html-page/words';

export const html: Format = {
  name: 'html',
  render: (report, options) => pageWith(report, options),
};

/** What the build makes of `html-page`: `scripts/build-report-page.mjs`. */
interface PageFiles {
  readonly script: string;
  readonly style: string;
}

let packaged: PageFiles | undefined;

function pageFiles(): PageFiles {
  const folder = join(__dirname, '../../../../lib/bundles');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  try {
    packaged ??= { script: read('report-page.js'), style: read('report-page.css') };
    return packaged;
  } catch (error) {
    throw new EnvironmentError({
      attempted: 'read the page of HTML reports',
      found: errorText(error),
      next: 'Install cdktf-memphis again; in a checkout, run `npm run build`.',
      cause: error,
    });
  }
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%231d5bb8'/%3E%3Cpath d='M4 11V5l4 4 4-4v6' fill='none' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E";

function pageWith(report: Report, { isServed = false }: FormatOptions = {}): string {
  const { script, style } = pageFiles();
  const { headline, detail } = verdictOf(report);
  // Nothing is loaded, and no script or style runs but these two; a served page may ask its own server for news.
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    `connect-src ${isServed ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${isServed ? '<meta name="report-source" content="report.json">\n' : ''}<title>${escaped(`${headline} · ${titles[report.source]}`)}</title>
<link rel="icon" href="${ICON}">
<style>${style}</style>
</head>
<body>
<div id="page"><noscript><h1>${escaped(headline)}</h1><p>${escaped(detail)}</p><p>This page needs JavaScript. The formats text and Markdown show the same report without it.</p></noscript></div>
<script type="application/json" id="report">${embedded(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** JSON in which no `</script>` or `<!--` can end the element that holds it, and no character ends a line of a script. */
function embedded(report: Report): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(report, plainValue).replace(/[<>&\u2028\u2029]/g, escape);
}

/** JSON has no numbers beyond 2^53: they are strings of digits. */
function plainValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
