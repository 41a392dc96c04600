export { ClientProxy } from './client-proxy';
export type { ConnectHook } from './connect-hook';
export type { ForeignSender } from './foreign-requests';
export { FOREIGN_REQUESTS, foreignManagementSubjects, foreignRequest } from './foreign-requests';
export { Encryption } from './encryption';
export type { OwnServerTls, TlsFiles } from './encryption';
export { SERVER_MAX_PAYLOAD } from './size-limits';
