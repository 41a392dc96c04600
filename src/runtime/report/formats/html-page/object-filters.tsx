/** The controls that narrow the table. */
import type { Report } from '../../report';
import { noFilter, type ObjectFilter } from './object-filter';
import { actionWords, statusWords } from './words';

interface Props {
  readonly report: Report;
  readonly filter: ObjectFilter;
  readonly onFilter: (filter: ObjectFilter) => void;
}

type Choice = readonly [value: string, label: string];

export function ObjectFilters({ report, filter, onFilter }: Props) {
  const { objects, source } = report;
  const present = (values: readonly string[]): string[] => [...new Set(values)].filter(Boolean).sort();
  const statuses: Choice[] = [
    ['attention', 'Needs attention'],
    ...Object.entries(statusWords).filter(([status]) => objects.some((object) => object.status === status)),
  ];
  const actions = Object.entries(actionWords).filter(([action]) =>
    objects.some((object) => object.action === action),
  );
  const kinds = present(objects.map(({ kind }) => kind));
  const stacks = present(objects.map(({ declaration }) => declaration?.stack ?? ''));
  const set = (change: Partial<ObjectFilter>): void => onFilter({ ...filter, ...change });
  const isFiltered = Object.values(filter).some((value) => value !== '');
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter objects"
      onSubmit={(event) => event.preventDefault()}
    >
      <label class="search">
        <span>Search</span>
        <input
          type="search"
          placeholder="Name, path, file or field"
          value={filter.text}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </label>
      {source !== 'plan' && (
        <Select
          label="Status"
          value={filter.status}
          choices={statuses}
          onChange={(status) => set({ status })}
        />
      )}
      {source === 'plan' && (
        <Select
          label="Action"
          value={filter.action}
          choices={actions}
          onChange={(action) => set({ action })}
        />
      )}
      <Select
        label="Kind"
        value={filter.kind}
        choices={kinds.map((kind) => [kind, kind])}
        onChange={(kind) => set({ kind })}
      />
      {stacks.length > 1 && (
        <Select
          label="Stack"
          value={filter.stack}
          choices={stacks.map((stack) => [stack, stack])}
          onChange={(stack) => set({ stack })}
        />
      )}
      <button type="button" class="clear" disabled={!isFiltered} onClick={() => onFilter(noFilter)}>
        Clear
      </button>
    </form>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

function Select({ label, value, choices, onChange }: SelectProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">All</option>
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
