/** Whether the page is being printed, when it shows what is otherwise folded. */
import { useEffect, useState } from 'preact/hooks';
import { flushSync } from 'preact/compat';

export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(() => matchMedia('print').matches);
  useEffect(() => {
    const media = matchMedia('print');
    // The browser takes the page as it is when the listener returns.
    const follow = (): void => flushSync(() => setPrinting(media.matches));
    const before = (): void => flushSync(() => setPrinting(true));
    const after = (): void => setPrinting(false);
    media.addEventListener('change', follow);
    // It may have changed since the first drawing.
    setPrinting(media.matches);
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      media.removeEventListener('change', follow);
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinting;
}
