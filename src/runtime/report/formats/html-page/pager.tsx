/** Pages of a long list. */
import { count } from './words';

export const PAGE_SIZE = 50;

interface Props {
  /** What is paged, for the name of the navigation: `Objects`. */
  readonly label: string;
  readonly total: number;
  /** Counted from 0. */
  readonly page: number;
  readonly onPage: (page: number) => void;
}

export function Pager({ label, total, page, onPage }: Props) {
  const pages = Math.ceil(total / PAGE_SIZE);
  if (pages <= 1) return null;
  const first = page * PAGE_SIZE + 1;
  const last = Math.min(total, (page + 1) * PAGE_SIZE);
  return (
    <nav class="pager" aria-label={`Pages of ${label}`}>
      <button type="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span>
        {count(first)} to {count(last)} of {count(total)}
      </span>
      <button type="button" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}
