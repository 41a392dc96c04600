/** The head of the page: verdict, counts, brokers, stacks and time. */
import type { Report, ReportCounts } from '../../report';
import type { LiveReport } from './live-report';
import { verdictOf } from './verdict';
import { actionWords, count, statusMeanings, statusWords, time, titles, verdictWords } from './words';

interface Props {
  readonly report: Report;
  readonly counts: ReportCounts;
  readonly state: LiveReport['state'];
  /** The status that the table shows. */
  readonly status: string;
  readonly onStatus: (status: string) => void;
}

export function Summary({ report, counts, state, status, onStatus }: Props) {
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
              {serverVersion !== '' && <span class="muted"> version {serverVersion}</span>}
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
      <Tiles {...{ report, counts, status, onStatus }} />
    </header>
  );
}

function Tiles({ report, counts, status, onStatus }: Omit<Props, 'state'>) {
  const { byStatus, byAction, tests, messagesAtStake } = counts;
  const statuses = (['changed', 'missing', 'unmanaged', 'unknown', 'same'] as const).filter(
    (each) => byStatus[each] > 0,
  );
  const actions = (['delete', 'replace', 'update', 'create'] as const).filter((each) => byAction[each] > 0);
  const verdicts = (['failed', 'error', 'passed', 'planned'] as const).filter((each) => tests[each] > 0);
  return (
    <ul class="tiles" aria-label="Counts">
      {report.source === 'plan'
        ? actions.map((action) => (
            <Tile
              key={action}
              tone={`action-${action}`}
              value={byAction[action]}
              label={actionWords[action]}
            />
          ))
        : statuses.map((each) => (
            <li key={each}>
              <button
                type="button"
                class={`tile status-${each}`}
                aria-pressed={status === each}
                title={statusMeanings[each]}
                onClick={() => onStatus(status === each ? '' : each)}
              >
                <span class="value">{count(byStatus[each])}</span>{' '}
                <span class="label">{statusWords[each]}</span>
              </button>
            </li>
          ))}
      {messagesAtStake > 0 && <Tile tone="stake" value={messagesAtStake} label="Messages at stake" />}
      {verdicts.map((verdict) => (
        <Tile
          key={verdict}
          tone={`verdict-${verdict}`}
          value={tests[verdict]}
          label={`Tests ${verdictWords[verdict].toLowerCase()}`}
        />
      ))}
    </ul>
  );
}

function Tile({
  tone,
  value,
  label,
}: {
  readonly tone: string;
  readonly value: number;
  readonly label: string;
}) {
  return (
    <li>
      <div class={`tile ${tone}`}>
        <span class="value">{count(value)}</span> <span class="label">{label}</span>
      </div>
    </li>
  );
}
