import type { MemphisError } from './errors';
import {
  AlreadyExistsError,
  AuthenticationError,
  BrokerMismatchError,
  BrokerRefusedError,
  ClosedError,
  ConnectionError,
  DeletionProtectedError,
  EnvironmentError,
  HandlerError,
  MessageLossError,
  NotFoundError,
  PartialFailureError,
  ProtocolError,
  SchemaValidationError,
  TimeoutError,
  UnreadDeadLettersError,
  UnsafeRequestError,
  ValidationError,
} from './errors';

/** What `docs/errors.md` says about an error. */
export interface ErrorGuide {
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly remedy: string;
  /** An error as users see it. */
  readonly example: MemphisError;
}

/** The codes of all classes in errors.ts that can be thrown. */
export type ErrorCode = CodeOf<(typeof import('./errors'))[keyof typeof import('./errors')]>;
type CodeOf<C> = C extends new (...parts: never[]) => { readonly code: infer Code extends string }
  ? Code
  : never;

/** One entry for every class of errors.ts; a class without one does not compile. */
export const errorGuide: Readonly<Record<ErrorCode, ErrorGuide>> = {
  MEMPHIS_CONNECTION: {
    meaning: 'The broker cannot be reached, or the connection to it broke.',
    causes: [
      'The broker is not running, or has not started up yet.',
      'The host, the port or the REST address is another one than the broker has.',
      'A firewall is in between.',
      'One side speaks TLS and the other does not.',
    ],
    remedy:
      'Check `MEMPHIS_HOST`, `MEMPHIS_PORT` and `MEMPHIS_REST_URL`, and that the broker runs. Then run again: what was done before the connection broke is found, not done twice.',
    example: new ConnectionError({
      attempted: 'reach the broker at memphis.example.com:6666',
      found: 'connect ECONNREFUSED 10.0.0.7:6666',
      next: 'Check MEMPHIS_HOST and MEMPHIS_PORT and that the broker is running',
    }),
  },
  MEMPHIS_AUTHENTICATION: {
    meaning: 'The broker refused the user name, the password or the token.',
    causes: [
      'A wrong or missing password or connection token.',
      'A password for a broker in connection-token mode, or a token for one in password mode.',
      'A user of a type that may not log in on that side: the REST API takes root and users of type management, the client port root and users of type application.',
      'The account id of another account.',
    ],
    remedy:
      'Check `MEMPHIS_USERNAME` and `MEMPHIS_PASSWORD` or `MEMPHIS_CONNECTION_TOKEN`, and for the REST API `MEMPHIS_REST_USERNAME` and `MEMPHIS_REST_PASSWORD` where they are set.',
    example: new AuthenticationError({
      attempted: 'log in to the broker at memphis.example.com:6666 as "root"',
      found: 'the broker refused the user or the credential',
      next: 'Check MEMPHIS_USERNAME and MEMPHIS_PASSWORD (or MEMPHIS_CONNECTION_TOKEN); the user must be root or of type application',
    }),
  },
  MEMPHIS_TIMEOUT: {
    meaning: 'The broker did not answer in time.',
    causes: [
      'The broker is overloaded, or a node of its cluster is down.',
      'The user may not do this: the broker answers some forbidden requests with silence.',
      'The time-out given by the caller is too short.',
    ],
    remedy:
      'Look at the health of the broker and run again. A request that was carried out after all is found by the next run.',
    example: new TimeoutError({
      attempted: 'list the streams',
      found: 'no answer within 10 s',
      next: 'Look at the health of the broker and run again',
    }),
  },
  MEMPHIS_REFUSED: {
    meaning: 'The broker understood the request and refused it. The message holds its own words.',
    causes: [
      'The user lacks a permission.',
      'A limit of the broker or of its plan is reached.',
      'The object was changed by somebody else between the plan and the apply.',
    ],
    remedy: 'Do what the words of the broker ask for; plan again when the object has been changed meanwhile.',
    example: new BrokerRefusedError({
      attempted: 'create station "orders"',
      found: 'the number of stations of this account is reached (status 666)',
    }),
  },
  MEMPHIS_PROTOCOL: {
    meaning: 'The broker sent something that is not in its protocol, or is inconsistent in itself.',
    causes: [
      'The address is not that of a Memphis broker.',
      'A proxy between the two answers instead.',
      'The broker is of another version than 1.4.',
      'Metadata and streams of the broker do not fit together any more, for example after a stream was removed by hand.',
    ],
    remedy:
      'Check the address first. If it is right, report the message and the version of the broker as a bug of this package.',
    example: new ProtocolError({
      attempted: 'list the stations',
      found: 'https://memphis.example.com answered 200 without JSON',
      next: 'Check that MEMPHIS_REST_URL is the REST API of a Memphis broker (version 1.4)',
    }),
  },
  MEMPHIS_NOT_FOUND: {
    meaning: 'The object that the operation needs is not on the broker.',
    causes: [
      'A name with a spelling mistake.',
      'The object is declared elsewhere and has not been deployed yet.',
      'Somebody removed it.',
    ],
    remedy:
      'Declare the object in the same stack and hand over the construct, so that it is made first; or deploy the stack that makes it.',
    example: new NotFoundError({
      attempted: 'enforce schema "order" on station "orders"',
      found: 'the broker has no schema "order", and this stack does not make it before the enforcement',
      next: 'Declare the schema in this stack and pass that construct, or check the name',
    }),
  },
  MEMPHIS_ALREADY_EXISTS: {
    meaning:
      'An object of that name is on the broker already and is not ours to change. Nothing was touched.',
    causes: [
      'Another stack, or a person, made it.',
      'The state of Terraform was lost, so that the stack does not know its own object any more.',
      'Another schema is attached to the station.',
    ],
    remedy:
      'Import the object with the command in the message, set `adoptExisting` to take it over, or choose another name. An object with another owner is never taken over: remove it from the other declaration first.',
    example: new AlreadyExistsError({
      attempted: 'create station "orders"',
      found: 'a station of that name is on the broker already; nothing was changed',
      next: 'Take it over with: terraform import memphis_station.orders orders. Or set adoptExisting: true',
    }),
  },
  MEMPHIS_MESSAGE_LOSS: {
    meaning: 'Stored messages would be lost and nobody allowed it. Nothing was touched.',
    causes: [
      'A station that holds messages would be destroyed, or replaced since a field changed that cannot be changed in place.',
      'A limit of retention became smaller than what is stored.',
      'The retention became `ACK_BASED` and consumer groups have acknowledged messages already.',
    ],
    remedy:
      'Set `allowMessageLoss: true` on the station if the messages may go. For a plain destroy the deployed value counts: set it, deploy, then destroy. Otherwise take the change back.',
    example: new MessageLossError({
      attempted: 'destroy station "orders"',
      found: 'this would drop 1204 messages (310 KB) in 3 partitions; nothing was changed',
      next: 'If that is what you want, set allowMessageLoss: true on the station, deploy, then destroy',
    }),
  },
  MEMPHIS_DELETION_PROTECTED: {
    meaning: 'The object is protected against being destroyed or replaced. Nothing was touched.',
    causes: [
      'The deployed object has `deletionProtection: true`.',
      'The flag was taken away in the same deploy as the object: the deployed value counts.',
    ],
    remedy: 'Set `deletionProtection: false` and deploy that alone; then destroy or replace the object.',
    example: new DeletionProtectedError({
      attempted: 'destroy station "orders"',
      found: 'the station is protected (deletionProtection); nothing was changed',
      next: 'If that is what you want, set deletionProtection: false on the station and deploy that alone, then destroy again',
    }),
  },
  MEMPHIS_BROKER_MISMATCH: {
    meaning: 'The state was made with another broker than the one that was reached. Nothing was touched.',
    causes: [
      '`MEMPHIS_HOST` or `MEMPHIS_PORT` names the wrong broker, for example that of another stage.',
      'The broker lost its storage and began anew.',
      'The stack is meant to move to another broker.',
    ],
    remedy:
      'Check the address. To move the stack, set `allowBrokerChange: true` on `MemphisProvider`; what is on the old broker stays there.',
    example: new BrokerMismatchError({
      attempted: 'use this state',
      found:
        'it was made with the broker 5f0c (then at staging:6666), but production:6666 is the broker 91ab; nothing was changed',
      next: 'Check MEMPHIS_HOST and MEMPHIS_PORT. If the stack is meant to move to this broker, set allowBrokerChange: true on MemphisProvider',
    }),
  },
  MEMPHIS_UNSAFE_REQUEST: {
    meaning: 'The request would crash, stall or damage a real broker, so it was not sent.',
    causes: [
      'More than one replica on a single broker, which would lose the station at its next start.',
      'A dead-letter station that does not exist, which the broker would make with default settings.',
      'A negative acknowledgement of a message that makes the broker end.',
    ],
    remedy: 'Do what the message says. There is no flag to send it all the same.',
    example: new UnsafeRequestError({
      attempted: 'create station "orders"',
      found:
        'it asks for 3 replicas, but the broker at localhost:6666 is a single node, which would lose the station at its next start',
      next: 'Set replicas to 1, or use a cluster with at least that many brokers',
    }),
  },
  MEMPHIS_VALIDATION: {
    meaning: 'Values given by the user are not legal. The message has all problems at once.',
    causes: [
      'A value out of its range, of the wrong type, or missing.',
      'Two fields that exclude each other.',
      'A setting of the connection that is neither given nor in the environment.',
    ],
    remedy: 'Correct each value; the legal ones stand in the message and in the [reference](reference/).',
    example: new ValidationError('declare the station orders/orders', [
      'replicas is 7; it must be a whole number from 1 to 5 (copies)',
      'retentionValue is 5, but it has no meaning with retentionType ACK_BASED; leave it out',
    ]),
  },
  MEMPHIS_SCHEMA_VALIDATION: {
    meaning: 'A message does not fit the schema that its station enforces, or the schema cannot be used.',
    causes: [
      'The message lacks a field, or has one of another type.',
      'A new version of the schema was deployed, and producers still send messages of the former one.',
      'The text of the schema on the broker is not legal.',
    ],
    remedy:
      'Change the message or the schema. With `sendSchemaFailedMsgToDls` the message is among the dead letters of the station.',
    example: new SchemaValidationError({
      attempted: 'produce to station "orders"',
      found:
        "Schema validation has failed: #/properties/items/items/required must have required property 'sku' (at items[2])",
      next: 'Change the message, or the schema that the station enforces',
    }),
  },
  MEMPHIS_ENVIRONMENT: {
    meaning: 'Something that has to be on this machine, a program or a file, is not there.',
    causes: [
      'The program nats-server, for the local broker, is not installed and could not be fetched.',
      'A schema file or a certificate is not at the path given.',
      'The package was bundled into one file, or a checkout was not built.',
    ],
    remedy: 'Install or name what is missing; the message says what and where it was looked for.',
    example: new EnvironmentError({
      attempted: 'read the CA certificate',
      found: 'there is no file /etc/memphis/ca.pem',
      next: 'Check MEMPHIS_CA_FILE',
    }),
  },
  MEMPHIS_CLOSED: {
    meaning: 'An object was used after it had been closed or destroyed, or before it was connected.',
    causes: [
      'The client, producer or consumer was closed by another part of the program.',
      '`connect` was not called, or not awaited.',
    ],
    remedy: 'Connect, or make a new producer or consumer. Close a client after the last use only.',
    example: new ClosedError({
      attempted: 'produce to station "orders"',
      found: 'the producer is destroyed',
      next: 'Make a new one',
    }),
  },
  MEMPHIS_HANDLER: {
    meaning: 'A function of the program that was given messages threw. The consumer goes on.',
    causes: [
      'The handler of `consume` threw, or returned a promise that was rejected; `cause` has what it was.',
    ],
    remedy:
      'Catch errors inside the handler, and decide there: `nack`, `delay` or `deadLetter`. Messages that it left unanswered are delivered again.',
    example: new HandlerError({
      attempted: 'handle 10 messages of station "orders"',
      found: 'the handler threw: no such customer',
      next: 'Messages that it did not acknowledge are delivered again; catch errors in the handler to decide otherwise',
    }),
  },
  MEMPHIS_UNREAD_DEAD_LETTERS: {
    meaning:
      'Dead letters that were sent again were dropped, because nobody fetched them. The broker still has them.',
    causes: ['The consumer fetches more slowly than somebody sends dead letters again, or not at all.'],
    remedy: 'Fetch, or run `consume`, while dead letters are sent again; then send them again.',
    example: new UnreadDeadLettersError({
      attempted: 'keep the dead letters that were sent again for consumer "billing"',
      found: '12 were dropped, because nobody fetched them',
      next: 'Fetch more often, and send them again',
    }),
  },
  MEMPHIS_PARTIAL_FAILURE: {
    meaning: 'Work on several objects went wrong for some of them. Nothing of the rest was undone.',
    causes: ['Each object that failed has its own error, in the message and in `failed`.'],
    remedy: 'Handle the errors one by one; `succeeded` and `failed` of the error tell the objects apart.',
    example: new PartialFailureError(
      'produce to 2 stations',
      ['orders'],
      new Map([
        [
          'payments',
          new NotFoundError({ attempted: 'produce to station "payments"', found: 'station was removed' }),
        ],
      ]),
    ),
  },
};
