/** The page as a whole: its sections, in the order that the source of the report asks for. */
import { useEffect, useState } from 'preact/hooks';
import { countsOf, type Report } from '../../report';
import { Findings } from './findings';
import { hrefOf, keyIn } from './links';
import { useReport } from './live-report';
import { noFilter, type ObjectFilter } from './object-filter';
import { ObjectTable } from './object-table';
import { Summary } from './summary';
import { SmokeTests } from './smoke-tests';
import { TopologyMap } from './topology-map';
import { verdictOf } from './verdict';
import { titles } from './words';

export function Page({ initial, source }: { readonly initial: Report; readonly source?: string }) {
  const { report, state } = useReport(initial, source);
  const [filter, setFilter] = useState<ObjectFilter>(noFilter);
  const [chosen, setChosen] = useChosen();
  const { headline } = verdictOf(report);
  useEffect(() => {
    document.title = `${headline} · ${titles[report.source]}`;
  }, [headline, report.source]);

  const counts = countsOf(report);
  const show = (next: ObjectFilter): void => {
    setFilter(next);
    document.getElementById('objects')?.scrollIntoView();
  };
  const objects =
    report.objects.length === 0 ? undefined : (
      <ObjectTable
        key="objects"
        report={report}
        filter={filter}
        onFilter={setFilter}
        chosen={chosen}
        onChoose={setChosen}
      />
    );
  // A plan tells nothing about what is live, and its stations stand in the table already.
  const hasStations = report.objects.some(
    ({ kind, live }) => kind === 'station' && (report.source === 'drift' || live !== undefined),
  );
  const topology = hasStations ? <TopologyMap key="topology" report={report} /> : undefined;
  const tests = report.tests.length === 0 ? undefined : <SmokeTests key="tests" tests={report.tests} />;
  const order = {
    drift: [topology, objects, tests],
    plan: [objects, tests, topology],
    smoke: [tests, objects, topology],
  }[report.source];
  return (
    <>
      <a class="skip" href="#main">
        Skip to the report
      </a>
      <Summary report={report} counts={counts} state={state} filter={filter} onFilter={show} />
      <main id="main" tabIndex={-1}>
        {report.findings.length > 0 && (
          <section aria-labelledby="findings-heading">
            <h2 id="findings-heading">Findings</h2>
            <Findings findings={report.findings} />
          </section>
        )}
        {order}
        {report.objects.length + report.tests.length === 0 && (
          <p class="empty">This report holds no object and no test.</p>
        )}
      </main>
      <footer>
        Made by <code>cdktf-memphis</code>
      </footer>
    </>
  );
}

/** The key of the object that the address of the page names, so that a link opens its details. */
function useChosen(): [string | undefined, (key: string | undefined) => void] {
  const [chosen, setChosen] = useState(() => keyIn(location.hash));
  useEffect(() => {
    const follow = (): void => setChosen(keyIn(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const choose = (key: string | undefined): void => {
    history.replaceState(null, '', key === undefined ? location.pathname + location.search : hrefOf(key));
    setChosen(key);
  };
  return [chosen, choose];
}
