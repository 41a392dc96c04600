// Serves the packed provider to runs of Terraform that attach to it (TF_REATTACH_PROVIDERS), without TLS. Terraform
// connects once for each phase of a command, and each connection gets a provider of its own, as each would be a process
// of its own otherwise. The parent says before each command in which folder and environment it runs.
import { createServer, constants } from 'node:http2';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OK = 0;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
/** In front of a message: a byte that says whether it is compressed, and four for its length. */
const PREFIX_BYTES = 5;

/** Those that are answered by any number of messages. */
const STREAMING_CALLS = ['ListResource'];

const packed = fileURLToPath(
  new URL('../../lib/bundles/terraform-provider-memphis/provider.cjs', import.meta.url),
);
const parts = createRequire(import.meta.url)(packed);
const { createService } = parts['src/runtime/provider/framework/service']();
const { memphisProvider } = parts['src/runtime/provider/resources/provider']();
const log = { debug: () => undefined, error: (text, fields) => console.error(text, fields) };

const server = createServer();
server.on('session', (session) => {
  let configured;
  let running = 0;
  const endIfIdle = () => {
    if (session.closed && running === 0) void configured?.admin.close();
  };
  const configure = async (values) => (configured = await memphisProvider.configure(values));
  const service = createService({ ...memphisProvider, configure }, log);
  session.on('stream', (stream, headers) => {
    running += 1;
    answer(stream, String(headers[constants.HTTP2_HEADER_PATH]), service)
      .catch((error) => console.error(error))
      .finally(() => {
        running -= 1;
        endIfIdle();
      });
  });
  session.on('close', endIfIdle);
  session.on('error', () => undefined);
});

async function answer(stream, path, service) {
  stream.on('error', () => undefined);
  const [, name, call] = path.split('/');
  let status = OK;
  const replies = [];
  try {
    if (name === 'tfplugin6.Provider') {
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      const request = Buffer.concat(chunks).subarray(PREFIX_BYTES);
      if (STREAMING_CALLS.includes(call))
        for await (const reply of service.stream(call, request)) replies.push(reply);
      else replies.push(await service.answer(call, request));
    } else status = UNIMPLEMENTED;
  } catch (error) {
    console.error(error);
    status = INTERNAL;
  }
  if (stream.destroyed) return;
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  for (const reply of replies) {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(reply.length, 1);
    stream.write(Buffer.concat([prefix, reply]));
  }
  stream.end();
}

process.on('message', ({ folder, environment }) => {
  process.chdir(folder);
  process.env = environment;
  process.send('entered');
});
process.on('disconnect', () => process.exit());
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => console.error(error));

const socket = join(tmpdir(), `cdktf-memphis-provider-${process.pid}`);
process.on('exit', () => server.close());
server.listen(socket, () => process.send({ socket }));
