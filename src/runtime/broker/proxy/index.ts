export { ClientProxy } from './client-proxy';
export type { ConnectHook, ConnectRequest, ConnectVerdict } from './connect-hook';
export { Encryption } from './encryption';
export type { TlsFiles } from './encryption';
