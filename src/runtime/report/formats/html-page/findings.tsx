/** Refusals, warnings and notes. */
import type { Finding } from '../../report';

const words = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul class="findings">
      {findings.map(({ severity, code, message, field }, index) => (
        <li key={index} class={`finding ${severity}`}>
          <strong>{words[severity]}</strong>
          <span class="message">
            {message}
            {field !== undefined && (
              <>
                {' '}
                <code>{field}</code>
              </>
            )}
          </span>
          <code class="code">{code}</code>
        </li>
      ))}
    </ul>
  );
}
