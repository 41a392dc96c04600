/**
 * The greatest message that a Memphis broker takes unless it is configured otherwise: bytes of headers and payload together. A
 * local broker takes no more than that from its clients.
 */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** The longest header block that a stream stores, in bytes: on a stock nats-server, and so on a Memphis broker. */
export const MAX_HEADER_BYTES = 65_535;
