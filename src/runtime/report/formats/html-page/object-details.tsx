/** Everything that the report holds about one object. */
import type { Difference, LiveFacts, Report, ReportedObject, Stake } from '../../report';
import { Findings } from './findings';
import { hrefOf } from './links';
import { bytes, count, counted, statusMeanings, time } from './words';
import { Value } from './value';

export function ObjectDetails({
  object,
  source,
}: {
  readonly object: ReportedObject;
  readonly source: Report['source'];
}) {
  const { status, differences, unresolved, stake, findings, history, live } = object;
  return (
    <div class="object">
      {source !== 'plan' && <p class="meaning">{statusMeanings[status]}</p>}
      {stake !== undefined && <StakeNote stake={stake} />}
      {findings.length > 0 && <Findings findings={findings} />}
      {differences.length > 0 && <Differences differences={differences} source={source} />}
      {unresolved.length > 0 && (
        <p>
          Not compared, because only Terraform knows the declared value: <code>{unresolved.join(', ')}</code>
        </p>
      )}
      <div class="columns">
        <Origin object={object} />
        {live !== undefined && <Live live={live} broker={object.broker} />}
        {history.length > 0 && (
          <section>
            <h3>History</h3>
            <ol class="history">
              {history.map(({ at, by, what }, index) => (
                <li key={index}>
                  <span class="when">
                    {at === undefined ? 'Time not recorded' : <time dateTime={at}>{time(at)}</time>}
                    {by !== undefined && <> · {by}</>}
                  </span>
                  <span>{what}</span>
                </li>
              ))}
            </ol>
          </section>
        )}
      </div>
    </div>
  );
}

interface DifferencesProps {
  readonly differences: readonly Difference[];
  readonly source: Report['source'];
}

type Side = readonly [label: string, side: 'declared' | 'live', absent: string];

const sides: Readonly<Record<'plan' | 'drift', readonly Side[]>> = {
  plan: [
    ['Before', 'live', 'none'],
    ['After', 'declared', 'none'],
  ],
  drift: [
    ['Declared', 'declared', 'not declared'],
    ['Live', 'live', 'not there'],
  ],
};

function Differences({ differences, source }: DifferencesProps) {
  const columns = sides[source === 'plan' ? 'plan' : 'drift'];
  return (
    <table class="differences">
      <thead>
        <tr>
          <th scope="col">Field</th>
          {columns.map(([label]) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">A deploy</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((difference, index) => (
          <tr key={index}>
            <th scope="row">
              <code>{difference.field}</code>
            </th>
            {columns.map(([label, side, absent]) => (
              <td key={label} data-label={label}>
                <Value
                  value={difference[side]}
                  other={difference[side === 'live' ? 'declared' : 'live']}
                  unit={difference[`${side}Unit`]}
                  absent={absent}
                />
              </td>
            ))}
            <td data-label="A deploy">
              {difference.effect === 'replace' ? (
                <strong class="replaces">replaces the object</strong>
              ) : (
                'changes it in place'
              )}
              {difference.why !== undefined && <span class="under">{difference.why}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StakeNote({ stake }: { readonly stake: Stake }) {
  const { messages, consumerGroups, isPermitted, consequence } = stake;
  const groups = consumerGroups > 0 ? ` and ${counted(consumerGroups, 'consumer group')}` : '';
  return (
    <div class={`stake-note ${isPermitted ? 'permitted' : 'refused'}`}>
      <strong>
        {counted(messages, 'message')} ({bytes(stake.bytes)}){groups} at stake
      </strong>
      <p>
        This would {consequence.replace(/\.$/, '')}.{' '}
        {isPermitted
          ? 'allowMessageLoss permits it.'
          : 'The deploy is refused, because allowMessageLoss is not set.'}
      </p>
    </div>
  );
}

function Origin({ object: { declaration, live, broker } }: { readonly object: ReportedObject }) {
  const { file, line } = declaration ?? {};
  const facts: [string, string | undefined][] = [
    ['Source', file === undefined ? undefined : `${file}${line === undefined ? '' : `:${line}`}`],
    ['Construct', declaration?.constructPath],
    ['Address', declaration?.address],
    ['Stack', declaration?.stack],
    ['Broker', broker],
    ['Owner', live?.owner],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  return (
    <section>
      <h3>Declaration</h3>
      {declaration === undefined && <p class="muted">No stack declares it.</p>}
      {known.length > 0 && (
        <dl class="pairs">
          {known.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Live({ live, broker }: { readonly live: LiveFacts; readonly broker: string | undefined }) {
  const { messages, partitions, consumerGroups, groups, schemaName, dlsStation } = live;
  const suffix = broker === undefined ? '' : `@${broker}`;
  return (
    <section>
      <h3>Live</h3>
      <dl class="pairs">
        <div>
          <dt>Messages</dt>
          <dd>
            {count(messages)} <span class="muted">({bytes(live.bytes)})</span>
          </dd>
        </div>
        {schemaName !== '' && (
          <div>
            <dt>Schema</dt>
            <dd>
              <a href={hrefOf(`schema/${schemaName}${suffix}`)}>{schemaName}</a>
            </dd>
          </div>
        )}
        {dlsStation !== '' && (
          <div>
            <dt>Dead letters</dt>
            <dd>
              <a href={hrefOf(`station/${dlsStation}${suffix}`)}>{dlsStation}</a>
            </dd>
          </div>
        )}
        {groups === undefined && partitions.length > 0 && (
          <div>
            <dt>Groups</dt>
            <dd>{count(consumerGroups)}</dd>
          </div>
        )}
      </dl>
      {partitions.length > 0 && (
        <Bars
          caption={counted(partitions.length, 'partition')}
          head={['Partition', 'Messages', 'Size']}
          rows={partitions.map((each) => [String(each.number), each.messages, bytes(each.bytes)])}
        />
      )}
      {groups !== undefined && groups.length > 0 && (
        <Bars
          caption={counted(groups.length, 'consumer group')}
          head={['Group', 'Backlog']}
          rows={groups.map(({ name, backlog }) => [name, backlog])}
        />
      )}
    </section>
  );
}

interface BarsProps {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly [name: string, value: number, note?: string])[];
}

/** The first rows of a table whose numbers have bars to be compared by. */
function Bars({ caption, head, rows }: BarsProps) {
  const MOST = 24;
  const largest = Math.max(1, ...rows.map(([, value]) => value));
  return (
    <table class="bars">
      <caption>{caption}</caption>
      <thead class="hidden">
        <tr>
          {head.map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, MOST).map(([name, value, note]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${(100 * value) / largest}%` }} />
              </span>
              <span class="number">{count(value)}</span>
            </td>
            {note !== undefined && <td class="number muted">{note}</td>}
          </tr>
        ))}
        {rows.length > MOST && (
          <tr>
            <td colSpan={head.length} class="muted">
              {count(rows.length - MOST)} more
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
