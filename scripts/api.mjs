// `npm run api`: writes the public surface of each entry point of package.json into etc/, where reviews see its changes.
//   node scripts/api.mjs [--check]      with --check nothing is written; an outdated report is a failure
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const packageFile = join(root, 'package.json');
const { name: packageName, exports: entries } = JSON.parse(readFileSync(packageFile, 'utf8'));
const newReports = join(root, 'node_modules/.cache/api');
for (const folder of [newReports, join(root, 'etc')]) mkdirSync(folder, { recursive: true });
prepare(root);

const configs = Object.entries(entries).flatMap(([entry, { types }]) =>
  types === undefined ? [] : [configOf(entry === '.' ? packageName : entry.slice(2), types)],
);
const problems = new Set();
for (const config of configs) {
  const { apiReportChanged } = Extractor.invoke(config, {
    compilerState: compiled(),
    localBuild: !check,
    messageCallback: (message) => note(message),
  });
  if (check && apiReportChanged)
    problems.add(
      `etc/${config.apiReportFileName ?? ''} differs from the public surface. Run npm run api, and review the difference.`,
    );
}
for (const problem of problems) console.log(problem);
if (problems.size > 0) process.exitCode = 1;

function configOf(report, types) {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, types),
      compiler: { tsconfigFilePath: join(root, 'tsconfig.build.json'), skipLibCheck: true },
      apiReport: {
        enabled: true,
        reportFileName: `${report}.api.md`,
        reportFolder: join(root, 'etc'),
        reportTempFolder: newReports,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: packageFile,
  });
}

/** One compilation for all entry points. */
function compiled() {
  compiled.state ??= CompilerState.create(configs[0], {
    additionalEntryPoints: configs.slice(1).map((config) => config.mainEntryPointFilePath),
  });
  return compiled.state;
}

/** Everything public is documented; what else the tool says is not about the surface. */
function note(message) {
  message.handled = true;
  if (message.logLevel === 'error') problems.add(message.text);
  if (message.messageId !== 'ae-undocumented') return;
  const file = message.sourceFilePath
    .slice(root.length)
    .replace(/^lib\/(?:cdktn\/)?(.*)\.d\.ts$/, 'src/$1.ts');
  problems.add(`${file}: ${message.text} Write a doc comment, or mark it @internal.`);
}
