export { ClientProxy } from './client-proxy';
export type { ConnectHook, ConnectRequest, ConnectVerdict } from './connect-hook';
