// From the start of the packed provider to its handshake line. Terraform starts it three to five times per command.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bareNode, mediansInTurn, programTime } from './measure.mjs';

const program = fileURLToPath(
  new URL('../lib/bundles/terraform-provider-memphis/terraform-provider-memphis.cjs', import.meta.url),
);

/** What Terraform puts into the environment of a provider; the certificate is one that Terraform made for a run. */
const env = {
  TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2',
  PLUGIN_PROTOCOL_VERSIONS: '5,6',
  PLUGIN_CLIENT_CERT: readFileSync(new URL('client-certificate.pem', import.meta.url), 'utf8'),
};

export async function providerStart(rounds) {
  const start = () => programTime(program, [], { untilOutput: true, env });
  const [bare, provider] = await mediansInTurn(rounds, bareNode, start);
  const ratio = provider / bare;
  return [
    { what: 'node -e 0', value: bare, unit: 'ms' },
    {
      what: 'provider: start to handshake',
      value: provider,
      unit: 'ms',
      ratio,
      goal: 'ratio 2',
      met: ratio <= 2,
    },
  ];
}
