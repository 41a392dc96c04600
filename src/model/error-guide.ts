import * as errors from './errors';

/** What `docs/errors.md` says about an error. The examples there are recorded: see `test/docs/errors.test.ts`. */
export interface ErrorGuide<Code extends string = string> {
  readonly class: new (...parts: never[]) => { readonly code: Code };
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly remedy: string;
}

/** The codes of all classes in errors.ts that can be thrown. */
export type ErrorCode = CodeOf<(typeof errors)[keyof typeof errors]>;
type CodeOf<C> = C extends new (...parts: never[]) => { readonly code: infer Code extends string }
  ? Code
  : never;

/** One entry for every class of errors.ts; a class without one does not compile. */
export const errorGuide: { readonly [Code in ErrorCode]: ErrorGuide<Code> } = {
  MEMPHIS_CONNECTION: {
    class: errors.ConnectionError,
    meaning: 'The broker cannot be reached, or the connection to it broke.',
    causes: [
      'The broker is not running, or is still starting up.',
      'The host, the port or the REST address is wrong.',
      'A firewall blocks the connection.',
      'One side uses TLS and the other does not.',
    ],
    remedy:
      'Check `MEMPHIS_HOST`, `MEMPHIS_PORT` and `MEMPHIS_REST_URL`, and that the broker is running. Then run the command again: it continues where the connection broke and repeats nothing.',
  },
  MEMPHIS_AUTHENTICATION: {
    class: errors.AuthenticationError,
    meaning: 'The broker refused the user name, the password or the token.',
    causes: [
      'The password or the connection token is wrong or missing.',
      'The broker expects a connection token and got a password, or the other way round.',
      'The user has the wrong type. The REST API accepts root and users of type management; the client port accepts root and users of type application.',
      'The account id belongs to another account.',
    ],
    remedy:
      'Check `MEMPHIS_USERNAME` and `MEMPHIS_PASSWORD` or `MEMPHIS_CONNECTION_TOKEN`. If the REST API uses another user, also check `MEMPHIS_REST_USERNAME` and `MEMPHIS_REST_PASSWORD`.',
  },
  MEMPHIS_TIMEOUT: {
    class: errors.TimeoutError,
    meaning: 'The broker did not answer in time.',
    causes: [
      'The broker is overloaded, or a node of its cluster is down.',
      'The user lacks a permission: the broker does not answer some forbidden requests.',
      'The port belongs to another service.',
      'The time-out of the call is too short.',
    ],
    remedy:
      'Check the health of the broker and run the command again. If the broker carried out the request after all, the next run detects it.',
  },
  MEMPHIS_REFUSED: {
    class: errors.BrokerRefusedError,
    meaning: "The broker understood the request and refused it. The message contains the broker's own words.",
    causes: [
      'The user lacks a permission.',
      'A value is outside of what the broker accepts.',
      'The account has reached a limit of the broker or of its plan.',
      'The object changed between the plan and the apply.',
    ],
    remedy: "Follow the broker's words. If the object changed in the meantime, plan again.",
  },
  MEMPHIS_PROTOCOL: {
    class: errors.ProtocolError,
    meaning: 'The answer is not part of the Memphis protocol, or contradicts itself.',
    causes: [
      'The address does not belong to a Memphis broker.',
      'A proxy answers instead of the broker.',
      'The version of the broker is not 1.4.',
      'The metadata and the streams of the broker do not match, for example after a stream was removed by hand.',
    ],
    remedy:
      'Check the address first. If it is right, report the message and the version of the broker as a bug of this package.',
  },
  MEMPHIS_NOT_FOUND: {
    class: errors.NotFoundError,
    meaning: 'The broker does not have an object that the operation needs.',
    causes: [
      'The name is misspelled.',
      'The object is declared in another stack that is not deployed yet.',
      'The object was removed.',
    ],
    remedy:
      'Declare the object in the same stack and pass the construct, so that Terraform creates it first. Or deploy the stack that declares it.',
  },
  MEMPHIS_ALREADY_EXISTS: {
    class: errors.AlreadyExistsError,
    meaning:
      'The broker already has an object of that name, and this declaration does not own it. Nothing was changed.',
    causes: [
      'Another stack declares the object, or it was created by hand.',
      'The Terraform state was lost, so the stack no longer knows its own object.',
      'The construct id or the resource address changed, and Terraform does not know about the move.',
      'The station already enforces another schema.',
    ],
    remedy:
      'Import the object with the command in the message, set `adoptExisting: true`, or choose another name. An object of another owner is taken over only by an import with `adoptExisting: true`: release it in the other declaration first, by a `removed` block with `destroy = false` or `terraform state rm`.',
  },
  MEMPHIS_MESSAGE_LOSS: {
    class: errors.MessageLossError,
    meaning: 'The change would drop stored messages, and no permission was given. Nothing was changed.',
    causes: [
      'A station that holds messages would be destroyed, or replaced because a field cannot change in place.',
      'A retention limit is lower than what the station stores.',
      'The retention changes to `ACK_BASED`, and consumer groups have already acknowledged messages.',
      'A replacement takes the messages along, and message ids that occur twice or the limits of the new station would cost some.',
    ],
    remedy:
      'To replace a station and keep its messages, set `onReplace: "carryMessages"`. Set `allowMessageLoss: true` on the station if the messages may be dropped. A plain destroy reads the deployed value: set it, deploy, then destroy; or set it on `MemphisProvider`, which counts in the same run. Otherwise revert the change.',
  },
  MEMPHIS_DELETION_PROTECTED: {
    class: errors.DeletionProtectedError,
    meaning: 'The object is protected from being destroyed or replaced. Nothing was changed.',
    causes: [
      'The deployed object has `deletionProtection: true`.',
      'The flag was removed in the same deploy as the object. The deployed value applies.',
    ],
    remedy: 'Set `deletionProtection: false` and deploy only that. Then destroy or replace the object.',
  },
  MEMPHIS_BROKER_MISMATCH: {
    class: errors.BrokerMismatchError,
    meaning: 'The Terraform state belongs to another broker. Nothing was changed.',
    causes: [
      '`MEMPHIS_HOST` or `MEMPHIS_PORT` names the wrong broker, for example the one of another stage.',
      'The broker lost its storage and started empty.',
      'The stack moves to another broker on purpose.',
    ],
    remedy:
      'Check the address. To move the stack, set `allowBrokerChange: true` on `MemphisProvider`; the objects on the old broker remain there.',
  },
  MEMPHIS_UNSAFE_REQUEST: {
    class: errors.UnsafeRequestError,
    meaning: 'The request would crash, stall or damage a broker, so it was not sent.',
    causes: [
      'The station asks for more than one replica on a single broker, which would lose the station at its next start.',
      'The dead-letter station does not exist; the broker would create it with default settings.',
      'A negative acknowledgement of this message would crash the broker.',
    ],
    remedy: 'Follow the message. No flag sends the request anyway.',
  },
  MEMPHIS_VALIDATION: {
    class: errors.ValidationError,
    meaning: 'Values that you gave are not valid. The message lists all problems at once.',
    causes: [
      'A value is out of range, has the wrong type, or is missing.',
      'Two fields exclude each other.',
      'A connection setting is neither given nor in the environment.',
    ],
    remedy: 'Correct each value. The message and the [reference](reference/) list the valid ones.',
  },
  MEMPHIS_SCHEMA_VALIDATION: {
    class: errors.SchemaValidationError,
    meaning: 'A message does not match the schema that its station enforces, or the schema is not usable.',
    causes: [
      'The message is missing a field, or a field has another type.',
      'A new version of the schema was deployed, and producers still send messages of the previous version.',
      'The content of the schema on the broker is not valid.',
    ],
    remedy:
      'Change the message or the schema. With `sendSchemaFailedMsgToDls`, the message is among the dead letters of the station.',
  },
  MEMPHIS_INCOMPATIBLE_SCHEMA: {
    class: errors.IncompatibleSchemaError,
    meaning: 'The change of a schema breaks the `compatibility` that it declares. Nothing was changed.',
    causes: [
      'A field was removed, became required or got another type.',
      'A JSON schema uses a keyword that cannot be compared, and changed it.',
      'The schema changed its type or, for protobuf, its message.',
    ],
    remedy:
      'Change the schema so that it stays compatible, or declare the new form as a schema of its own. To permit the change, set `compatibility` to `none`. [Schemas](schemas.md#compatibility) has the rules for each type.',
  },
  MEMPHIS_ENVIRONMENT: {
    class: errors.EnvironmentError,
    meaning: 'This machine is missing a program or a file.',
    causes: [
      'The local broker needs nats-server, which is not installed and could not be downloaded.',
      'A schema file or a certificate is not at the given path.',
      'The package was bundled into one file, or a checkout was not built.',
    ],
    remedy:
      'Install the program or correct the path. The message says what is missing and where it was expected.',
  },
  MEMPHIS_CLOSED: {
    class: errors.ClosedError,
    meaning: 'An object was used after it was closed or destroyed, or before it was connected.',
    causes: [
      'Another part of the program closed the client, the producer or the consumer.',
      '`connect` was not called, or not awaited.',
    ],
    remedy: 'Connect, or create a new producer or consumer. Close a client only after its last use.',
  },
  MEMPHIS_HANDLER: {
    class: errors.HandlerError,
    meaning: 'A message handler of your program threw an error. The consumer keeps running.',
    causes: [
      'The handler of `consume` threw an error or returned a promise that was rejected. `cause` holds that error.',
    ],
    remedy:
      'Catch errors inside the handler and decide there: `nack`, `delay` or `deadLetter`. The broker redelivers messages that the handler did not acknowledge.',
  },
  MEMPHIS_UNREAD_DEAD_LETTERS: {
    class: errors.UnreadDeadLettersError,
    meaning: 'The client dropped resent dead letters that nobody fetched. The broker still has them.',
    causes: ['Dead letters are resent faster than the consumer fetches them, or it does not fetch at all.'],
    remedy: 'Call `fetch` or run `consume` while dead letters are resent. Then resend them.',
  },
  MEMPHIS_PARTIAL_FAILURE: {
    class: errors.PartialFailureError,
    meaning: 'An operation on several objects failed for some of them. The others were not rolled back.',
    causes: ['Each failed object has its own error, in the message and in `failed`.'],
    remedy: 'Handle the errors one by one. `succeeded` and `failed` list the objects.',
  },
};
