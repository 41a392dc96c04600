import { request } from 'node:http';
import type { Report } from '../../../src/runtime/report/report';
import { ReportServer } from '../../../src/runtime/report/report-server';

let server: ReportServer;
beforeEach(async () => {
  server = await ReportServer.start({ host: '127.0.0.1', port: 0, allowedHosts: ['drift.example'] });
});
afterEach(() => server.stop());

const report: Report = {
  source: 'drift',
  madeAt: '2026-11-30T12:00:00.000Z',
  brokers: [{ address: '127.0.0.1:6666', restAddress: 'http://127.0.0.1:9000', serverVersion: '2.10.26' }],
  stacks: ['shop'],
  objects: [
    {
      kind: 'station',
      name: '<img src=x onerror=alert(1)>',
      status: 'changed',
      action: 'update',
      differences: [{ field: 'tags', declared: ['</script>'], live: ['"&'], effect: 'inPlace' }],
      unresolved: [],
      findings: [],
      history: [],
    },
  ],
  tests: [],
  findings: [],
};

/** One request, under any name of the server. */
function ask(
  path: string,
  { method = 'GET', host, tag }: { method?: string; host?: string; tag?: string } = {},
) {
  return new Promise<{ status: number; type: string; tag: string; body: string }>((resolve, reject) => {
    const headers = {
      ...(host === undefined ? {} : { host }),
      ...(tag === undefined ? {} : { 'if-none-match': tag }),
    };
    request(new URL(path, server.url), { method, headers }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (text: string) => (body += text));
      reply.on('end', () =>
        resolve({
          status: reply.statusCode ?? 0,
          type: reply.headers['content-type'] ?? '',
          tag: reply.headers.etag ?? '',
          body,
        }),
      );
    })
      .on('error', reject)
      .end();
  });
}

test('says that it is not ready until the first report, and serves the newest one in every form afterwards', async () => {
  expect((await ask('/healthz')).status).toBe(503);
  expect((await ask('/')).status).toBe(503);
  expect((await ask('/metrics')).body).toContain('\nmemphis_broker_up 0\n');
  server.publish({ ...report, objects: [] }, true);
  server.publish(report, true);
  expect((await ask('/healthz')).body).toBe('ok\n');
  expect(JSON.parse((await ask('/report.json')).body)).toMatchObject({ objects: report.objects });
  const { body, type } = await ask('/metrics');
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body).toContain('\nmemphis_broker_up{broker="127.0.0.1:6666"} 1\n');
  expect(body).toContain('\nmemphis_drift_last_check_timestamp_seconds 1796040000\n');
  expect(body).toContain('\nmemphis_objects{kind="station",status="changed"} 1\n');
});

test('an outage keeps the last report, and shows in the metrics and the health', async () => {
  server.publish(report, true);
  server.publishOutages(new Map([['staging:6666', new Error('could not connect.')]]));
  expect(await ask('/healthz')).toMatchObject({ status: 503, body: 'could not connect.\n' });
  expect((await ask('/metrics')).body).toContain(
    '\nmemphis_broker_up{broker="127.0.0.1:6666"} 1\nmemphis_broker_up{broker="staging:6666"} 0\n',
  );
  expect((await ask('/report.json')).status).toBe(200);
  server.publish(report, false);
  expect((await ask('/healthz')).status).toBe(200);
});

test('the page asks for newer reports, and names with markup stay text', async () => {
  server.publish(report, true);
  const page = await ask('/');
  expect(page.type).toBe('text/html; charset=utf-8');
  expect(page.body).not.toContain('<img');
  expect(page.body).toContain('<meta name="report-source" content="report.json">');
  server.publish({ ...report, madeAt: '2026-11-30T12:00:30.000Z' }, false);
  expect((await ask('/report.json', { tag: page.tag })).status).toBe(304);
  server.publish(report, true);
  expect(await ask('/report.json', { tag: page.tag, method: 'HEAD' })).toMatchObject({
    status: 200,
    body: '',
  });
});

test('only GET and HEAD of known paths are answered, under addresses and known names alone', async () => {
  server.publish(report, true);
  expect((await ask('/', { method: 'POST' })).status).toBe(405);
  expect((await ask('/', { method: 'OPTIONS' })).status).toBe(405);
  expect((await ask('/../etc/passwd')).status).toBe(404);
  const statusOf = async (host: string): Promise<number> => (await ask('/report.json', { host })).status;
  for (const host of ['localhost:9464', '127.0.0.1', '[::1]:1', '10.1.2.3', 'DRIFT.example:80'])
    expect([host, await statusOf(host)]).toEqual([host, 200]);
  for (const host of ['evil.example', 'localhost.evil.example', 'x y', '127.0.0.1.evil.example:9464'])
    expect([host, await statusOf(host)]).not.toEqual([host, 200]);
});

test('a port that is in use is an error that says so', async () => {
  const port = Number(new URL(server.url).port);
  await expect(ReportServer.start({ host: '127.0.0.1', port })).rejects.toThrow(
    `could not serve the report on 127.0.0.1:${port}: the port is in use. Stop the program`,
  );
});
