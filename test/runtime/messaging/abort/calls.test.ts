import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../../support/broker';
import type { Row, Trouble } from './calls';
import { rows } from './calls';
import type { Call, Client } from './client';
import { atOnce, here, listenersOn, published, rejectsWithReason, settingForThisFile } from './client';

const { client } = settingForThisFile();

const cases = (trouble: Trouble): [name: string, row: Row][] =>
  rows.filter(({ waits }) => waits.includes(trouble)).map((row) => [row.name, row]);

here('with a signal that is never aborted', () => {
  test.each(rows.map((row): [string, Row] => [row.name, row]))('%s works as usual', async (_name, row) => {
    const call = await row.prepare(await client());
    const { signal } = new AbortController();
    await call(signal);
    expect(listenersOn(signal)).toBe(0);
  });
});

here('a signal that is aborted already', () => {
  test.each(rows.map((row): [string, Row] => [row.name, row]))(
    '%s sends nothing, and works when it is called again without',
    async (_name, row) => {
      const on = await client();
      const call = await row.prepare(on);
      await pause(20);
      on.relay.forget();
      const reason = new Error('no');
      await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
      await pause(20);
      expect(published(on)).toEqual([]);
      await call(new AbortController().signal);
    },
  );
});

here('an abort while nothing is heard of the broker', () => {
  test.each(cases('silent'))('%s rejects at once, with the reason', async (_name, row) => {
    const on = await client();
    const call = await row.prepare(on);
    on.gate.swallow();
    await row.before?.(on);
    await rejectsWithReason(call);
    await endsWithClient(call, on);
  });
});

here('an abort while the connection is lost', () => {
  test.each(cases('lost'))('%s rejects at once, and sends nothing later', async (_name, row) => {
    const on = await client();
    const call = await row.prepare(on);
    on.gate.cutOff();
    await eventually(() => !on.memphis.isConnected(), 'the client knows');
    await row.before?.(on);
    await rejectsWithReason(call);
    if (row.before === undefined && !row.name.includes('turn')) {
      on.relay.forget();
      on.gate.letIn();
      await eventually(() => on.memphis.isConnected(), 'the connection is back');
      await pause(30);
      expect(published(on)).toEqual([]);
      on.gate.cutOff();
      await eventually(() => !on.memphis.isConnected(), 'the client knows');
    }
    await endsWithClient(call, on);
  });
});

/** The same call, ended by something else than its signal. */
async function endsWithClient(call: Call, { memphis }: Client): Promise<void> {
  const { signal } = new AbortController();
  const called = call(signal).catch(() => undefined);
  await memphis.close(atOnce);
  await called;
  expect(listenersOn(signal)).toBe(0);
}
