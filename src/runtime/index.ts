/**
 * `cdktf-memphis/runtime`: produce to and consume from Memphis stations. Loading it loads neither cdktf nor a codec.
 */
export * from '../model/errors';
export { Retention } from '../model/retention';
export { Storage } from '../model/storage';
export * from './messaging';
