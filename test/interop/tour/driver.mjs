// Runs the official JavaScript client, unmodified, as lines of JSON on stdin tell it; answers in lines on stdout.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { officialSdkFolder } from '../../../bench/sdk/install.mjs';

const require = createRequire(join(officialSdkFolder(), 'package.json'));
const { memphis } = require('memphis-dev');

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// The client tells of its own steps on stdout, which is ours.
console.log = console.error;
process.on('unhandledRejection', (error) =>
  say({ event: 'unhandled', error: String(error?.message ?? error) }),
);

const objects = new Map([['memphis', memphis]]);
let messages = 0;

/** A message as the test sees it; the object itself is kept for acknowledging. */
function shown(message) {
  const ref = `message-${(messages += 1)}`;
  objects.set(ref, message);
  return {
    ref,
    data: Buffer.from(message.getData()).toString(),
    headers: message.getHeaders(),
    sequence: message.getSequenceNumber(),
  };
}

function reply(value) {
  if (Array.isArray(value)) return value.map(reply);
  if (typeof value?.getSequenceNumber === 'function') return shown(value);
  return ['string', 'number', 'boolean'].includes(typeof value) ? value : null;
}

function argument(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.text === 'string' && Object.keys(value).length === 1) return Buffer.from(value.text);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, argument(each)]));
}

async function run({ on, method, args, keep }) {
  const target = objects.get(on);
  if (method === 'listen') {
    for (const event of ['message', 'error', 'dls']) {
      target.on(event, (value) =>
        say({ event, on, value: event === 'error' ? String(value?.message ?? value) : reply(value) }),
      );
    }
    return null;
  }
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
