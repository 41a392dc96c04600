/** The broker refuses a request for a reason its user should see. The message is the broker's own text. */
export class Refusal extends Error {}

/** A schema content that the broker does not accept; REST has a status of its own for it. */
export class SchemaContentRefusal extends Refusal {}

/**
 * What a real broker's database or operating system would answer. Over NATS clients see the text, over REST they see
 * "Server error".
 */
export class ServerFailure extends Error {}
