export type { Export } from './export';
export { exportBroker } from './export';
export type { ExportOptions, ExportWarning, ExportedKind, Split } from './plan';
export { exportedKinds, splits } from './plan';
export { writeFiles } from './write-files';
