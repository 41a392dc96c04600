// Keeps the state of deployments as the backends of pipelines do. Into a local file Terraform writes the whole state
// after each object, which with thousands of them takes most of the time; to a backend it writes every 20 seconds.
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function stateServer() {
  const states = new Map();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') states.set(request.url, Buffer.concat(chunks));
      const state = states.get(request.url);
      if (request.method === 'GET' && state === undefined) response.writeHead(404).end();
      else response.end(request.method === 'GET' ? state : '');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    addressOf: (name) => `http://127.0.0.1:${server.address().port}/${name}`,
    close: () => server.close(),
  };
}
