/**
 * The provider's source address. It is stored in every state, so it never changes; the host can never resolve, so nothing
 * is ever fetched from a stranger.
 */
export const PROVIDER_ADDRESS = 'npm.invalid/cdktf-memphis/memphis';

/** The provider's name in resource types, such as the first word of `memphis_station`. */
export const PROVIDER_TYPE = 'memphis';
