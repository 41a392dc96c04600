/** The head of the page: verdict, counts, brokers, stacks and time. */
import type { Report, ReportCounts } from '../../report';
import type { LiveReport } from './live-report';
import { noFilter, type ObjectFilter } from './object-filter';
import { verdictOf } from './verdict';
import { actionWords, count, statusMeanings, statusWords, time, titles } from './words';

interface Props {
  readonly report: Report;
  readonly counts: ReportCounts;
  readonly state: LiveReport['state'];
  /** What the table shows. */
  readonly filter: ObjectFilter;
  readonly onFilter: (filter: ObjectFilter) => void;
}

export function Summary({ report, counts, state, filter, onFilter }: Props) {
  const { tone, headline, detail } = verdictOf(report);
  return (
    <header class="summary">
      <p class="kind">{titles[report.source]}</p>
      <h1 class={`verdict ${tone}`}>
        <span class="mark" aria-hidden="true" />
        {headline}
      </h1>
      {detail !== '' && <p class="detail">{detail}</p>}
      <dl class="facts">
        {report.brokers.map(({ address, serverVersion }) => (
          <div key={address}>
            <dt>Broker</dt>
            <dd>
              <code>{address}</code>
              {serverVersion !== '' && <span class="muted"> NATS {serverVersion}</span>}
            </dd>
          </div>
        ))}
        {report.stacks.length > 0 && (
          <div>
            <dt>{report.stacks.length === 1 ? 'Stack' : 'Stacks'}</dt>
            <dd>{report.stacks.join(', ')}</dd>
          </div>
        )}
        <div>
          <dt>{state === 'static' ? 'Made' : 'Checked'}</dt>
          <dd>
            <time dateTime={report.madeAt}>{time(report.madeAt)}</time>
          </dd>
        </div>
        {state !== 'static' && (
          <div>
            <dt>Updates</dt>
            <dd class={state === 'lost' ? 'lost' : 'live'}>
              <span role="status">
                {state === 'lost' ? 'The server does not answer; trying again' : 'Live'}
              </span>
            </dd>
          </div>
        )}
      </dl>
      <Tiles {...{ report, counts, filter, onFilter }} />
    </header>
  );
}

function Tiles({ report, counts, filter, onFilter }: Omit<Props, 'state'>) {
  const { byStatus, byAction, tests, messagesAtStake } = counts;
  const choose = (change: Partial<ObjectFilter>): void => {
    const isChosen = Object.entries(change).every(
      ([name, value]) => filter[name as keyof ObjectFilter] === value,
    );
    onFilter(isChosen ? noFilter : { ...noFilter, ...change });
  };
  return (
    <ul class="tiles" aria-label="Counts">
      {report.source === 'plan'
        ? actions
            .filter((action) => byAction[action] > 0)
            .map((action) => (
              <Choice
                key={action}
                tone={`action-${action}`}
                value={byAction[action]}
                label={actionWords[action]}
                isChosen={filter.action === action}
                onChoose={() => choose({ action })}
              />
            ))
        : statuses
            .filter((status) => byStatus[status] > 0)
            .map((status) => (
              <Choice
                key={status}
                tone={`status-${status}`}
                value={byStatus[status]}
                label={statusWords[status]}
                title={statusMeanings[status]}
                isChosen={filter.status === status}
                onChoose={() => choose({ status })}
              />
            ))}
      {messagesAtStake > 0 && <Tile tone="stake" value={messagesAtStake} label="Messages at stake" />}
      {verdicts
        .filter((verdict) => tests[verdict] > 0)
        .map((verdict) => (
          <Tile
            key={verdict}
            tone={`verdict-${verdict}`}
            value={tests[verdict]}
            label={`${tests[verdict] === 1 ? 'Test' : 'Tests'} ${endings[verdict]}`}
          />
        ))}
    </ul>
  );
}

const statuses = ['changed', 'missing', 'unmanaged', 'unknown', 'same'] as const;
const actions = ['delete', 'replace', 'update', 'create'] as const;
const verdicts = ['failed', 'error', 'passed', 'planned'] as const;
const endings = { failed: 'failed', error: 'could not run', passed: 'passed', planned: 'will run' } as const;

interface TileProps {
  readonly tone: string;
  readonly value: number;
  readonly label: string;
}

function Tile({ tone, value, label }: TileProps) {
  return (
    <li>
      <div class={`tile ${tone}`}>
        <span class="value">{count(value)}</span> <span class="label">{label}</span>
      </div>
    </li>
  );
}

interface ChoiceProps extends TileProps {
  readonly title?: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

/** A count that narrows the table to what it counts. */
function Choice({ tone, value, label, title, isChosen, onChoose }: ChoiceProps) {
  return (
    <li>
      <button type="button" class={`tile ${tone}`} aria-pressed={isChosen} title={title} onClick={onChoose}>
        <span class="value">{count(value)}</span> <span class="label">{label}</span>
      </button>
    </li>
  );
}
