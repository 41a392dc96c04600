import { quantityText } from '../../../../model/quantity-text';

/** One declared or live value. */
interface Props {
  readonly value: unknown;
  /** What stands there when there is no value. */
  readonly absent: string;
  /** The value on the other side: lines that it does not have are marked. */
  readonly other: unknown;
  /** What a number counts. */
  readonly unit?: string | undefined;
}

export function Value({ value, absent, other, unit }: Props) {
  if (value === undefined || value === null) return <span class="muted">{absent}</span>;
  if (value === '' || (Array.isArray(value) && value.length === 0)) return <span class="muted">empty</span>;
  const text = textOf(value);
  const quantity = quantityText(value, unit);
  if (quantity !== undefined) {
    return (
      <span class="quantity">
        {quantity} <code class="value">{text}</code>
      </span>
    );
  }
  if (!text.includes('\n') && text.length <= 120) return <code class="value">{text}</code>;
  const lines = readable(text).split('\n');
  const known = new Set(other === undefined || other === null ? lines : readable(textOf(other)).split('\n'));
  return (
    // Long content scrolls by itself, also with the keyboard.
    <pre class="value" tabIndex={0} role="group" aria-label="Content">
      {lines.map((line, index) => (known.has(line) ? `${line}\n` : <mark key={index}>{`${line}\n`}</mark>))}
    </pre>
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

/** Long JSON on one line is unfolded; everything else stays as it is. */
function readable(text: string): string {
  if (text.includes('\n')) return text;
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
