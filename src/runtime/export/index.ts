export type { Export } from './export';
export { exportBroker } from './export';
export type { ExportOptions, ExportWarning, ExportedKind, Split } from './plan';
export { exportedKinds } from './plan';
export { checkFolder, writeFiles } from './write-files';
