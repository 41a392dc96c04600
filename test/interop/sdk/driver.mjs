// Runs the official JavaScript client, unmodified, as lines of JSON on stdin tell it; answers in lines on stdout.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { officialSdkFolder } from '../../../bench/sdk/install.mjs';

const require = createRequire(join(officialSdkFolder(), 'package.json'));
const sdk = require('memphis-dev');

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// The client tells of its own steps on stdout, which is ours.
console.log = console.error;
process.on('unhandledRejection', (error) =>
  say({ event: 'unhandled', on: '', value: String(error?.message ?? error) }),
);

const objects = new Map([['memphis', sdk.memphis]]);
let messages = 0;

/** A message as the test sees it; the object itself is kept for acknowledging. */
function shown(message) {
  const ref = `message-${(messages += 1)}`;
  objects.set(ref, message);
  return {
    ref,
    bytes: Buffer.from(message.getData()).toString('base64'),
    headers: message.getHeaders(),
    sequence: message.getSequenceNumber(),
  };
}

/** Values that JSON cannot carry go by a tag of one key: bytes, a date. */
function reply(value) {
  if (Array.isArray(value)) return value.map(reply);
  if (typeof value?.getSequenceNumber === 'function') return shown(value);
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $date: value.getTime() };
  if (typeof value?.toJSON === 'function') return value.toJSON();
  if (Object.prototype.toString.call(value) === '[object Object]') {
    return Object.getPrototypeOf(value) === Object.prototype ? value : null;
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? value : null;
}

const tags = {
  $bytes: (base64) => Buffer.from(base64, 'base64'),
  $uint8: (base64) => new Uint8Array(Buffer.from(base64, 'base64')),
  $kept: (name) => objects.get(name),
  $value: (value) => value,
  $graphql: (text) => require('graphql').parse(text),
  $protobuf({ schema, type, value }) {
    const Type = require('protobufjs').parse(schema, { keepCase: true }).root.lookupType(type);
    return Type.create(value);
  },
};

function argument(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const [first, ...others] = Object.keys(value);
  if (others.length === 0 && first in tags) return tags[first](value[first]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, argument(each)]));
}

/** What belongs to no object of the client. */
const driver = {
  version: () => require(join(officialSdkFolder(), 'node_modules/memphis-dev/package.json')).version,
  exports: () => Object.keys(sdk),
  enums: () => ({ retention: sdk.memphis.retentionTypes, storage: sdk.memphis.storageTypes }),
  addons: () => Object.keys(require.cache).filter((file) => file.endsWith('.node')),
  client: () => sdk.createMemphisInstance(),
  headers(pairs) {
    const headers = sdk.memphis.headers();
    for (const [key, value] of Object.entries(pairs)) headers.add(key, value);
    return headers;
  },
  /** The keys that a headers object has by now. */
  keysOf: (headers) => (headers instanceof sdk.MsgHeaders ? headers.headers.keys() : Object.keys(headers)),
  isSame: (one, other) => one === other,
  /** Whether the call gave a promise before anything came back. */
  isAsync({ on, method, options }) {
    const result = objects.get(on)[method](...(options === undefined ? [] : [argument(options)]));
    result?.catch?.(() => undefined);
    return typeof result?.then === 'function';
  },
  /** Calls without a pause in between; how long that took, and how much was stored or refused when all had ended. */
  async flood({ on, method, count, options }) {
    const started = performance.now();
    const calls = Array.from({ length: count }, () => objects.get(on)[method](argument(options)));
    const settled = await Promise.allSettled(calls);
    const errors = settled.flatMap(({ reason }) => (reason === undefined ? [] : [String(reason.message)]));
    return { ms: performance.now() - started, errors };
  },
  listen({ on, ack = false, isThrowing = false }) {
    const target = objects.get(on);
    target.on('message', (message, context) => {
      say({ event: 'message', on, value: shown(message), context });
      if (ack) message.ack();
      if (isThrowing) throw new Error('thrown by the handler');
    });
    target.on('error', (error) => say({ event: 'error', on, value: String(error?.message ?? error) }));
  },
};

async function run({ on, method, args, keep }) {
  const target = on === 'driver' ? driver : objects.get(on);
  if (typeof target?.[method] !== 'function') throw new Error(`${on} has no method ${method}`);
  const result = await target[method](...args.map(argument));
  if (keep === undefined) return reply(result);
  objects.set(keep, result);
  return null;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  run(request).then(
    (result) => say({ id: request.id, result }),
    (error) => say({ id: request.id, error: String(error?.message ?? error) }),
  );
}
process.exit(0);
