export { Retention } from './model/retention';
export { Storage } from './model/storage';
