/** How long messages took: a bar for each range of times, and the percentiles. */
import type { LatencyFacts } from '../../report';
import { count, counted, duration } from './words';

const HEIGHT = 100;

export function Histogram({ latency }: { readonly latency: LatencyFacts }) {
  const { p50, p95, p99, max, histogram } = latency;
  const largest = Math.max(1, ...histogram.map((bucket) => bucket.count));
  const total = histogram.reduce((sum, bucket) => sum + bucket.count, 0);
  /** The index of the bar that holds a time. */
  const barOf = (ms: number): number => {
    const index = histogram.findIndex(({ upToMs }) => ms <= upToMs);
    return index < 0 ? histogram.length - 1 : index;
  };
  const percentiles = [
    ['p50', p50],
    ['p95', p95],
    ['p99', p99],
    ['max', max],
  ] as const;
  const middle = histogram[Math.floor((histogram.length - 1) / 2)];
  const last = histogram.at(-1);
  return (
    <figure class="latency">
      <figcaption>Latency of {counted(total, 'message')}</figcaption>
      <dl class="percentiles">
        {percentiles.map(([label, ms]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{duration(ms)}</dd>
          </div>
        ))}
      </dl>
      {histogram.length > 0 && (
        <>
          <svg
            class="histogram"
            viewBox={`0 0 ${histogram.length} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`Histogram of latency: half of the messages took up to ${duration(p50)}, 99 of 100 up to ${duration(p99)}, the slowest ${duration(max)}`}
          >
            {histogram.map((bucket, index) => {
              const height = bucket.count === 0 ? 0 : Math.max(2, (HEIGHT * bucket.count) / largest);
              const tone = index > barOf(p99) ? 'beyond' : index > barOf(p95) ? 'slow' : 'usual';
              return (
                <rect
                  key={bucket.upToMs}
                  class={tone}
                  x={index + 0.08}
                  y={HEIGHT - height}
                  width={0.84}
                  height={height}
                >
                  <title>{`up to ${duration(bucket.upToMs)}: ${counted(bucket.count, 'message')}`}</title>
                </rect>
              );
            })}
          </svg>
          <div class="axis" aria-hidden="true">
            <span>up to {duration(histogram[0]?.upToMs ?? 0)}</span>
            {histogram.length > 2 && <span>{duration(middle?.upToMs ?? 0)}</span>}
            {histogram.length > 1 && <span>{duration(last?.upToMs ?? 0)}</span>}
          </div>
          <p class="hidden">The fullest range holds {count(largest)} messages.</p>
        </>
      )}
    </figure>
  );
}
