// One client in a process of its own: takes orders from bench/messaging.mjs, answers with messages per second.
//   fork('client.mjs', ['runtime' | 'sdk' | 'smoke', PORT, REST_PORT])
import { ConsumerGroups } from './consumer-groups.mjs';

const [kind = '', port = '', restPort = ''] = process.argv.slice(2);
const { open } = await import(`./${kind}.mjs`);
const client = await open(Number(port), Number(restPort));
const groups = await ConsumerGroups.at(Number(port));

process.on('message', async ({ task, options }) => {
  try {
    const { run, end } = await client[task](options);
    const began = performance.now();
    const done = await run();
    // An ack is done when the broker has stored it.
    if (task === 'consume' || task === 'fetch') await groups.allAcked(options);
    const seconds = (performance.now() - began) / 1000;
    await end();
    process.send({ perSecond: done.perSecond ?? done / seconds, rss: process.memoryUsage().rss });
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) });
  }
});
process.once('disconnect', () => process.exit(0));
process.send({ ready: true });
