// What the provider processes of a command use, read from /proc while it runs: Linux only.
import { readFileSync, readdirSync } from 'node:fs';

const POLL_MS = 20;
/** Processor time in /proc is counted in hundredths of a second. */
const MS_PER_TICK = 10;

/**
 * Follows the providers that a process starts.
 * @param {number} pid that of Terraform
 * @returns ends it, and says the most memory of one provider in MiB and the processor time of all in ms
 */
export function followProviders(pid) {
  const seen = new Map();
  const look = () => {
    for (const child of childrenOf(pid)) {
      const used = usageOf(child);
      if (used === undefined) continue;
      // One that has ended is listed until Terraform asks for its exit code, without its memory.
      const memoryMiB = Math.max(used.memoryMiB, seen.get(child)?.memoryMiB ?? 0);
      seen.set(child, { ...used, memoryMiB });
    }
  };
  const timer = setInterval(look, POLL_MS);
  return () => {
    clearInterval(timer);
    const all = [...seen.values()];
    return {
      memoryMiB: Math.max(0, ...all.map(({ memoryMiB }) => memoryMiB)),
      processorMs: all.reduce((sum, { processorMs }) => sum + processorMs, 0),
    };
  };
}

/** The threads of Go start processes, so each has children. */
function childrenOf(pid) {
  const children = [];
  for (const thread of listed(`/proc/${pid}/task`)) {
    const text = read(`/proc/${pid}/task/${thread}/children`) ?? '';
    children.push(...text.split(' ').filter((child) => child !== ''));
  }
  return children;
}

function usageOf(pid) {
  const status = read(`/proc/${pid}/status`);
  const stat = read(`/proc/${pid}/stat`);
  if (status === undefined || stat === undefined) return undefined;
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return { memoryMiB: peak / 1024, processorMs: (user + system) * MS_PER_TICK };
}

function listed(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined for a process that has ended. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
