import { basename } from 'node:path';

export const latest = basename('/loaded/last');
