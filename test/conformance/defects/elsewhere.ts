/** A defect whose test stands with the tests of the part of the runtime that it is about. */
export interface CoveredElsewhere {
  readonly defect: string;
  /** `js` is memphis-dev 1.3.2, `py` memphis-py 1.3.1, `broker` a trap of Memphis 1.4.4 into which clients step. */
  readonly of: 'js' | 'py' | 'both' | 'broker';
  /** Relative to `test/`. */
  readonly file: string;
  /** The test's title, or for tests of a table the reason of its case. */
  readonly test: string;
}

const messaging = 'runtime/messaging';
const schema = 'schema';

/** The defects of the official clients that are named by no test of this folder, because another test has them already. */
export const coveredElsewhere: readonly CoveredElsewhere[] = [
  {
    defect: 'a number of reconnections above 9 becomes 9',
    of: 'both',
    file: `${messaging}/connection/reconnect.test.ts`,
    test: 'maxReconnect is the exact number of tries, at the interval asked for (SDK defect: at most 9)',
  },
  {
    defect: 'a connection to localhost sleeps for a second first',
    of: 'both',
    file: `${messaging}/connection/connect.test.ts`,
    test: 'localhost is not slower than any other address (SDK defect: it slept a second)',
  },
  {
    defect: 'a subject that is forbidden closes the connection, or the request waits for its full time',
    of: 'both',
    file: `${messaging}/connection/request.test.ts`,
    test: 'a subject that the user may not use: the request ends at once, listeners hear of it, the connection stays (SDK defect: it was closed)',
  },
  {
    defect: 'closing what was never connected throws',
    of: 'both',
    file: `${messaging}/connection/connect.test.ts`,
    test: 'a dead port is a ConnectionError, and close in finally is safe',
  },
  {
    defect: 'TLS files without password or token are refused, although the seed connects so',
    of: 'both',
    file: `${messaging}/connection/login.test.ts`,
    test: 'host, user and the three files are enough',
  },
  {
    defect: 'an authorization violation is told as a plan that must be upgraded',
    of: 'js',
    file: `${messaging}/connection/connect.test.ts`,
    test: 'a wrong password is an AuthenticationError that does not show it',
  },
  {
    defect: 'the error of a creation that is plain text crashes the reader of its JSON',
    of: 'py',
    file: `${messaging}/connection/request.test.ts`,
    test: 'some failures are plain text where JSON is due (SDK defect: a crash)',
  },
  {
    defect: 'a station that was not created is called created',
    of: 'broker',
    file: `${messaging}/station/station.test.ts`,
    test: 'an unknown schema is an error, although the broker answers as if all went well',
  },
  {
    defect: 'destroying a station takes those whose names contain its name',
    of: 'py',
    file: `${messaging}/station/station.test.ts`,
    test: 'destroy ends the producers and consumers of this station, and of no other whose name contains it (SDK defect)',
  },
  {
    defect: 'a station that was removed is made again by its own producers',
    of: 'both',
    file: `${messaging}/station/station.test.ts`,
    test: 'a station that was removed over REST ends its producers with a clear error, and is not made again',
  },
  {
    defect: 'names of station and producer are joined so that two pairs are one',
    of: 'both',
    file: `${messaging}/produce/produce.test.ts`,
    test: 'names that would read the same when joined are not mixed up (SDK defect)',
  },
  {
    defect: 'ackWaitSec is ignored',
    of: 'js',
    file: `${messaging}/produce/produce.test.ts`,
    test: 'an ack that never comes is waited for exactly as long as asked (SDK defect: always 5 s)',
  },
  {
    defect: 'a station that is gone is told in the words of the NATS client',
    of: 'py',
    file: `${messaging}/produce/produce.test.ts`,
    test: 'a stream that is gone is told, and the producer is not found by its name any more',
  },
  {
    defect: 'work under way has no limit, or the limit is looked at every 100 ms',
    of: 'both',
    file: `${messaging}/produce/produce.test.ts`,
    test: 'non-blocking with a limit: no more than that are outstanding, under either name of the option',
  },
  {
    defect: 'destroying waits for ever for what is outstanding',
    of: 'py',
    file: `${messaging}/produce/outstanding.test.ts`,
    test: 'waiting for the end has a limit, and the error says how many are left',
  },
  {
    defect: 'the message id goes out in a header that Memphis does not know',
    of: 'js',
    file: `${messaging}/produce/produce.test.ts`,
    test: 'the same id is stored once, and a message without id carries none',
  },
  {
    defect: 'a line break in a header adds headers of its own',
    of: 'py',
    file: `${messaging}/connection/headers.test.ts`,
    test: 'a line break would start another header (SDK defect: header injection)',
  },
  {
    defect: 'the reserved start of header names is refused by one way to give headers only',
    of: 'py',
    file: `${messaging}/connection/headers.test.ts`,
    test: 'in any letter case',
  },
  {
    defect: 'a key leads to the index, and so to partition 0',
    of: 'js',
    file: `${messaging}/station/partition.test.ts`,
    test: 'a key leads to an element of the list, not to an index (SDK defect: it published to partition 0)',
  },
  {
    defect: 'key and number are not looked at where there is one partition',
    of: 'both',
    file: `${messaging}/station/partition.test.ts`,
    test: 'both on one partition too (the SDKs do not look there)',
  },
  {
    defect: 'a plain Uint8Array is no message',
    of: 'js',
    file: `${messaging}/station/payload.test.ts`,
    test: 'a plain Uint8Array is as good as a Buffer (SDK defect: it was refused)',
  },
  {
    defect: 'the broadcast about dead-letter flags is believed, which has the value before the change',
    of: 'broker',
    file: `${messaging}/schema.test.ts`,
    test: 'no record when the station wants none, and the flag is followed when it changes later',
  },
  {
    defect: 'a new version of a schema is thought to be active',
    of: 'broker',
    file: `${messaging}/schema.test.ts`,
    test: 'createSchema: from a file; the same content again changes nothing; another content is a version that waits',
  },
  {
    defect: 'an unknown type of schema is a TypeError',
    of: 'py',
    file: `${messaging}/schema.test.ts`,
    test: 'a type that does not exist',
  },
  {
    defect: 'the end of a schema name is not looked at',
    of: 'js',
    file: `${messaging}/schema.test.ts`,
    test: 'a name that ends with no letter and no digit (SDK defect: only its start was looked at)',
  },
  {
    defect: 'a broadcast that cannot be read ends the listening, or the process',
    of: 'both',
    file: `${messaging}/malformed.test.ts`,
    test: 'broadcasts of any content are skipped and reported, and the next good one counts',
  },
  {
    defect: 'the fields of one protobuf message come out with the next',
    of: 'py',
    file: `${schema}/protobuf/codec.test.ts`,
    test: 'never shares anything between messages, unlike the Python SDK',
  },
  {
    defect: 'a broken Avro message is no failure of the schema',
    of: 'py',
    file: `${schema}/avro/codec.test.ts`,
    test: 'calls every failure one of the schema, unlike the Python SDK',
  },
  {
    defect: 'waiting for a batch takes five seconds, whatever was asked for',
    of: 'py',
    file: `${messaging}/consume/consume.test.ts`,
    test: 'a full batch comes at once, a part of one when the time is over (SDK defect: always 5 s)',
  },
  {
    defect: 'polls overlap',
    of: 'js',
    file: `${messaging}/consume/consume.test.ts`,
    test: 'batches go to the handler with the context, one poll after the other',
  },
  {
    defect: 'a short loss of the connection ends the loop',
    of: 'py',
    file: `${messaging}/connection/reconnect.test.ts`,
    test: 'a broker that restarts: producer, consumer loop and broadcasts go on with the same objects',
  },
  {
    defect: 'prefetched messages get old in memory and are delivered twice',
    of: 'py',
    file: `${messaging}/consume/prefetch-cache.test.ts`,
    test: 'a message whose time to acknowledge is over is not given out: the broker delivers it again',
  },
  {
    defect: 'loads in the background run side by side, and ask for more than is allowed',
    of: 'py',
    file: `${messaging}/consume/prefetch-cache.test.ts`,
    test: 'one load at a time, and never more than a pull may ask for',
  },
  {
    defect: 'errors of loads in the background are lost',
    of: 'py',
    file: `${messaging}/consume/prefetch-cache.test.ts`,
    test: 'the error of a load in the background is told once',
  },
  {
    defect: 'the queue of dead letters grows without end',
    of: 'py',
    file: `${messaging}/consume/dead-letter-queue.test.ts`,
    test: 'first in, first out; when it is full the oldest goes, and that is counted (SDK defect: it grew without end)',
  },
  {
    defect: 'deadLetter ends the message and never sends its record',
    of: 'py',
    file: `${messaging}/consume/message.test.ts`,
    test: 'dead letter: the record goes out before the delivery is ended (SDK defect: the record was lost)',
  },
  {
    defect: 'the record of a message without headers ends the broker',
    of: 'broker',
    file: `${messaging}/consume/message.test.ts`,
    test: 'a message without headers never becomes a dead letter: its record would end a broker',
  },
  {
    defect: 'a delay counts in milliseconds',
    of: 'js',
    file: `${messaging}/consume/message.test.ts`,
    test: 'delay: it comes again after that many seconds',
  },
  {
    defect: 'a station that another client destroyed is told by nobody',
    of: 'broker',
    file: `${messaging}/station/station-removal.test.ts`,
    test: 'by another client, which nobody tells',
  },
  {
    defect: 'a dead letter of an ACK_BASED station is gone before the broker reads it',
    of: 'broker',
    file: `${messaging}/consume/kept-dead-letter.test.ts`,
    test: 'the message is kept until the broker has read it, six seconds, and then it is gone for good',
  },
];
