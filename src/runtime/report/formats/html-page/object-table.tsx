/** The table of objects with its filters, and the details of each object below its row. */
import { Fragment } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Report, ReportedObject } from '../../report';
import { ObjectDetails } from './object-details';
import { ObjectFilters } from './object-filters';
import { noFilter, selected, type ObjectFilter, type SortColumn, type SortOrder } from './object-filter';
import { PAGE_SIZE, Pager } from './pager';
import { usePrinting } from './printing';
import { actionWords, count, counted, isOff, keyOf, statusWords } from './words';

/** Rows on paper; more than that nobody reads. */
const PRINTED_ROWS = 500;

interface Props {
  readonly report: Report;
  readonly filter: ObjectFilter;
  readonly onFilter: (filter: ObjectFilter) => void;
  /** The key of the object whose details are asked for by the address of the page. */
  readonly chosen: string | undefined;
  readonly onChoose: (key: string | undefined) => void;
}

export function ObjectTable({ report, filter, onFilter, chosen, onChoose }: Props) {
  const { objects, source } = report;
  const [order, setOrder] = useState<SortOrder>();
  const [page, setPage] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const isPrinting = usePrinting();
  const table = useRef<HTMLTableElement>(null);
  const rows = useMemo(() => selected(objects, filter, order), [objects, filter, order]);
  const lastPage = Math.max(0, Math.ceil(rows.length / PAGE_SIZE) - 1);
  const shownPage = Math.min(page, lastPage);
  const shown = isPrinting
    ? rows.slice(0, PRINTED_ROWS)
    : rows.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE);

  const changeFilter = (next: ObjectFilter): void => {
    setPage(0);
    onFilter(next);
  };
  // A link to an object shows it, whatever the filters hide.
  useEffect(() => {
    if (chosen === undefined) return;
    let index = rows.findIndex((object) => keyOf(object) === chosen);
    if (index < 0) {
      index = selected(objects, noFilter, order).findIndex((object) => keyOf(object) === chosen);
      if (index < 0) return;
      onFilter(noFilter);
    }
    setPage(Math.floor(index / PAGE_SIZE));
    setOpen((last) => new Set(last).add(chosen));
    setTimeout(() => {
      const button = table.current?.querySelector<HTMLButtonElement>(`[data-key="${CSS.escape(chosen)}"]`);
      button?.focus({ preventScroll: true });
      button?.scrollIntoView({ block: 'center' });
    });
    // Only a new choice moves the page; a new report does not.
  }, [chosen]);

  const hasMessages = useMemo(() => objects.some(({ live }) => live !== undefined), [objects]);
  const columns = (source === 'plan' ? 5 : 6) + (hasMessages ? 1 : 0);
  const toggle = (key: string): void => {
    const next = new Set(open);
    if (next.delete(key)) {
      if (chosen === key) onChoose(undefined);
    } else next.add(key);
    setOpen(next);
  };
  return (
    <section id="objects" aria-labelledby="objects-heading">
      <h2 id="objects-heading">{source === 'plan' ? 'Changes' : 'Objects'}</h2>
      <ObjectFilters report={report} filter={filter} onFilter={changeFilter} />
      <p class="result" role="status">
        {rows.length === objects.length
          ? counted(rows.length, 'object')
          : `${count(rows.length)} of ${counted(objects.length, 'object')}`}
      </p>
      {rows.length === 0 ? (
        <p class="empty">No object fits the filters.</p>
      ) : (
        <table ref={table} class="objects">
          <caption class="hidden">
            {source === 'plan' ? 'Changes of the plan' : 'Objects of the report'}; the button in the first
            column shows the details of an object.
          </caption>
          <thead>
            <tr>
              <Heading column="name" order={order} onOrder={setOrder} label="Name" />
              <Heading column="kind" order={order} onOrder={setOrder} label="Kind" wide />
              <th scope="col">{source === 'plan' ? 'Action' : 'Status'}</th>
              <th scope="col" class="wide">
                Differs in
              </th>
              {source !== 'plan' && (
                <th scope="col" class="wide">
                  Next deploy
                </th>
              )}
              {hasMessages && (
                <Heading column="messages" order={order} onOrder={setOrder} label="Messages" wide number />
              )}
              <th scope="col" class="wide">
                Stack
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((object) => {
              const key = keyOf(object);
              const isOpen = open.has(key) || (isPrinting && isOff(object));
              return (
                <Fragment key={`${key}\n${object.declaration?.address ?? ''}`}>
                  <Row
                    object={object}
                    source={source}
                    hasMessages={hasMessages}
                    isOpen={isOpen}
                    onToggle={() => toggle(key)}
                  />
                  {isOpen && (
                    <tr class="details">
                      <td colSpan={columns} id={`details:${key}`}>
                        <ObjectDetails object={object} source={source} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      )}
      {isPrinting && rows.length > shown.length && (
        <p>{counted(rows.length - shown.length, 'object')} more are not printed.</p>
      )}
      {!isPrinting && <Pager label="objects" total={rows.length} page={shownPage} onPage={setPage} />}
    </section>
  );
}

interface RowProps {
  readonly object: ReportedObject;
  readonly source: Report['source'];
  readonly hasMessages: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Row({ object, source, hasMessages, isOpen, onToggle }: RowProps) {
  const { kind, name, status, action, differences, live, declaration, stake } = object;
  const key = keyOf(object);
  const fields = differences.map(({ field }) => field);
  return (
    <tr class={isOpen ? 'open' : ''}>
      <th scope="row">
        <button
          type="button"
          class="disclosure"
          data-key={key}
          aria-expanded={isOpen}
          {...(isOpen ? { 'aria-controls': `details:${key}` } : {})}
          onClick={onToggle}
        >
          <span class="name">{name === '' ? (declaration?.constructPath ?? '(no name)') : name}</span>
          <span class="narrow under">{kind}</span>
        </button>
      </th>
      <td class="wide">{kind}</td>
      <td>
        {source === 'plan' ? (
          <span class={`chip action-${action}`}>{actionWords[action]}</span>
        ) : (
          <span class={`chip status-${status}`}>{statusWords[status]}</span>
        )}
        {stake !== undefined && (
          <span class="under stake">{counted(stake.messages, 'message')} at stake</span>
        )}
      </td>
      <td class="wide fields">
        {fields.length > 0 ? <code>{fields.join(', ')}</code> : <span class="muted">–</span>}
      </td>
      {source !== 'plan' && (
        <td class="wide">{action === 'none' ? <span class="muted">–</span> : actionWords[action]}</td>
      )}
      {hasMessages && (
        <td class="wide number">
          {live === undefined ? <span class="muted">–</span> : count(live.messages)}
        </td>
      )}
      <td class="wide">{declaration?.stack ?? <span class="muted">–</span>}</td>
    </tr>
  );
}

interface HeadingProps {
  readonly column: SortColumn;
  readonly label: string;
  readonly order: SortOrder | undefined;
  readonly onOrder: (order: SortOrder | undefined) => void;
  readonly wide?: boolean;
  readonly number?: boolean;
}

/** A column heading that sorts: ascending, descending, then in the report's own order again. Numbers begin with the largest. */
function Heading({ column, label, order, onOrder, wide = false, number = false }: HeadingProps) {
  const isDescending = order?.column === column ? order.isDescending : undefined;
  const next = (): SortOrder | undefined => {
    if (isDescending === undefined) return { column, isDescending: number };
    return isDescending === number ? { column, isDescending: !number } : undefined;
  };
  const sort = isDescending === undefined ? 'none' : isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={sort} class={`${wide ? 'wide' : ''} ${number ? 'number' : ''}`}>
      <button type="button" class={`sort ${sort}`} onClick={() => onOrder(next())}>
        {label}
      </button>
    </th>
  );
}
