export { LocalBroker } from './local-broker';
export type { BrokerLogLevel, LocalBrokerOptions } from './settings';
export type { TlsFiles } from './proxy';
export * from '../../model/errors';
