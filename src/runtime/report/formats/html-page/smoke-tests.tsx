/** Smoke tests: what they expect and saw, or that they will run. */
import { useState } from 'preact/hooks';
import type { ReportedTest } from '../../report';
import { Histogram } from './histogram';
import { PAGE_SIZE, Pager } from './pager';
import { usePrinting } from './printing';
import { count, counted, duration, verdictWords } from './words';

const order: readonly ReportedTest['verdict'][] = ['error', 'failed', 'planned', 'passed'];

export function SmokeTests({ tests }: { readonly tests: readonly ReportedTest[] }) {
  const [page, setPage] = useState(0);
  const isPrinting = usePrinting();
  const isPlan = tests.every(({ verdict }) => verdict === 'planned');
  const sorted = [...tests].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const shownPage = Math.min(page, Math.ceil(tests.length / PAGE_SIZE) - 1);
  const shown = isPrinting ? sorted : sorted.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE);
  return (
    <section id="tests" aria-labelledby="tests-heading">
      <div class="heading">
        <h2 id="tests-heading">{isPlan ? 'Smoke tests that the deploy will run' : 'Smoke tests'}</h2>
        <p class="muted">{counted(tests.length, 'test')}</p>
      </div>
      {isPlan && (
        <p class="muted">
          A plan shows each of them as a replacement of a null resource. They destroy nothing on the broker.
        </p>
      )}
      <ul class="tests">
        {shown.map((test, index) => (
          <li key={`${test.declaration?.address ?? ''}\n${test.name}\n${index}`}>
            {test.verdict === 'planned' ? <PlannedTest test={test} /> : <FinishedTest test={test} />}
          </li>
        ))}
      </ul>
      {!isPrinting && <Pager label="smoke tests" total={tests.length} page={shownPage} onPage={setPage} />}
    </section>
  );
}

function PlannedTest({ test }: { readonly test: ReportedTest }) {
  return (
    <div class="test planned">
      <Head test={test} />
      {test.reason !== undefined && <p>{test.reason}</p>}
    </div>
  );
}

function FinishedTest({ test }: { readonly test: ReportedTest }) {
  const { verdict, reason, expectations, latency, messages = [], declaration } = test;
  const isPassed = verdict === 'passed';
  return (
    <details class={`test ${verdict}`} open={!isPassed}>
      <summary>
        <Head test={test} />
      </summary>
      <div class="body">
        {reason !== undefined && <p class={isPassed ? '' : 'reason'}>{reason}</p>}
        {expectations.length > 0 && (
          <table class="expectations">
            <thead>
              <tr>
                <th scope="col">Expectation</th>
                <th scope="col">Expected</th>
                <th scope="col">Seen</th>
                <th scope="col">Result</th>
              </tr>
            </thead>
            <tbody>
              {expectations.map(({ what, expected, seen, isMet }, index) => (
                <tr key={index}>
                  <th scope="row">{what}</th>
                  <td data-label="Expected">{expected}</td>
                  <td data-label="Seen">{seen}</td>
                  <td data-label="Result">
                    <span class={`chip verdict-${isMet ? 'passed' : 'failed'}`}>
                      {isMet ? 'Met' : 'Not met'}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {latency !== undefined && <Histogram latency={latency} />}
        {messages.length > 0 && (
          <>
            <h3>Messages that differ</h3>
            <ul class="differing">
              {messages.map(({ id, what, payload }, index) => (
                <li key={index}>
                  <code>{id}</code> {what}
                  {payload !== undefined && <code class="payload">{payload}</code>}
                </li>
              ))}
            </ul>
          </>
        )}
        {declaration !== undefined && (
          <p class="muted">
            Declared at <code>{declaration.constructPath}</code>
            {declaration.file !== undefined && (
              <>
                {' '}
                in{' '}
                <code>{`${declaration.file}${declaration.line === undefined ? '' : `:${declaration.line}`}`}</code>
              </>
            )}
          </p>
        )}
      </div>
    </details>
  );
}

function Head({
  test: { name, station, target, verdict, durationMs, throughput },
}: {
  readonly test: ReportedTest;
}) {
  const facts = [
    target === 'live' ? `live station ${station}` : `shadow of station ${station}`,
    durationMs === undefined ? '' : duration(durationMs),
    throughput === undefined ? '' : `${count(Math.round(throughput))} messages/s`,
  ].filter(Boolean);
  return (
    <span class="head">
      <span class={`chip verdict-${verdict}`}>{verdictWords[verdict]}</span>
      <span class="name">{name}</span>
      <span class="muted facts">{facts.join(' · ')}</span>
    </span>
  );
}
