/** Ends a command together with everything that it started. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** How long a process may take to end by itself after SIGTERM. */
const TERM_GRACE_MS = 2_000;
const POLL_MS = 25;

/**
 * Ends a process group: SIGTERM, and SIGKILL after 2 s for what is left. Resolves when the group is gone.
 * A process that made a session of its own (a daemon) is no longer in the group and stays.
 */
export async function endGroup(leader: number): Promise<void> {
  if (process.platform === "win32") return endTree(leader);
  if (!signalGroup(leader, "SIGTERM")) return;
  const deadline = performance.now() + TERM_GRACE_MS;
  while (performance.now() < deadline) {
    if (!(await isGroupAlive(leader))) return;
    await pause(POLL_MS);
  }
  signalGroup(leader, "SIGKILL");
  // Killed processes vanish at once unless the kernel holds them (a hung disk): don't wait for those.
  for (let i = 0; i < 20 && (await isGroupAlive(leader)); i++) await pause(POLL_MS);
}

/** Whether any process of the group still runs. Those that have ended and only wait to be collected don't count. */
export async function isGroupAlive(leader: number): Promise<boolean> {
  if (process.platform === "win32" || !signalGroup(leader, 0)) return false;
  if (process.platform !== "linux") return true;
  return (await runningGroups()).has(leader);
}

/** While many commands end at once, they share one look at all processes. */
let looking: Promise<ReadonlySet<number>> | undefined;

function runningGroups(): Promise<ReadonlySet<number>> {
  looking ??= findRunningGroups().finally(() => {
    looking = undefined;
  });
  return looking;
}

async function findRunningGroups(): Promise<ReadonlySet<number>> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, "utf8").catch(() => "")));
  return new Set(
    states.flatMap((stat) => {
      // After the name, which may hold anything: state, parent, group (proc_pid_stat(5)).
      const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" || state === "X" ? [] : [Number(group)];
    }),
  );
}

/** @returns false when there is no such group. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function endTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    execFile("taskkill", ["/pid", String(leader), "/T", "/F"], { windowsHide: true }, () => resolve());
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
