import type { Check } from './check';

/** The majors that the command line of cdktf runs on. */
const OF_CDKTF = [20, 22];

/**
 * Whether this Node runs the package and the command line of cdktf.
 * @param version as `process.versions.node` has it
 * @param required the range in the manifest of the package
 */
export function nodeCheck(version: string, required: string): Check {
  return {
    id: 'node',
    title: 'Node.js',
    run: async () => {
      const { major, satisfies } = await import('semver');
      const next = 'Install Node.js 22, for example with nvm: nvm install 22.';
      if (!satisfies(version, required)) {
        return { status: 'problem', found: `Node.js ${version} does not fit ${required}.`, next };
      }
      if (!OF_CDKTF.includes(major(version))) {
        const found = `Node.js ${version} runs the provider, but the command line of cdktf is made for ${OF_CDKTF.join(' and ')}.`;
        return { status: 'warning', found, next };
      }
      return { status: 'ok', found: `Node.js ${version}.` };
    },
  };
}
