/** Who a process is, in a way that a later process can check: a pid alone is reused. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import os from "node:os";

export type Identity = {
  /** Random, one per opened log. */
  readonly token: string;
  readonly pid: number;
  /** As the system tells it; only compared. Empty: unknown. */
  readonly startedAt: string;
  /** Changes with each start of the system. Empty: unknown. */
  readonly bootId: string;
  readonly host: string;
  /** Tells two computers of the same name apart, and containers that number their own processes. */
  readonly machine: string;
  readonly pidSpace: string;
};

export function ownIdentity(token: string): Identity {
  return {
    token,
    pid: process.pid,
    startedAt: processStart(process.pid) ?? "",
    bootId: bootId(),
    host: os.hostname(),
    machine: attempt(() => readFileSync("/etc/machine-id", "utf8").trim()) ?? "",
    pidSpace: attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "",
  };
}

/**
 * Whether the process has provably ended: same computer, and it was restarted since, or the pid is free, or the pid
 * belongs to a process that started at another time. In doubt it is alive.
 */
export function isGone(other: Identity, self: Identity): boolean {
  if (!isSameComputer(other, self)) return false;
  if (other.bootId !== "" && self.bootId !== "" && other.bootId !== self.bootId) return true;
  if (other.pidSpace !== self.pidSpace) return false;
  if (!isAlive(other.pid)) return true;
  const startedAt = other.pid === self.pid ? self.startedAt : recentStart(other.pid, other.startedAt);
  return startedAt !== undefined && startedAt !== "" && other.startedAt !== "" && startedAt !== other.startedAt;
}

/** Whether `isGone` would notice that the process has ended. */
export function canTell(other: Identity, self: Identity): boolean {
  return isSameComputer(other, self) && other.pidSpace === self.pidSpace;
}

/** The name of a computer can change while it runs; its start can't. */
function isSameComputer(other: Identity, self: Identity): boolean {
  if (other.bootId !== "" && other.bootId === self.bootId) return true;
  return other.host === self.host && other.machine === self.machine;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
  // A process that has ended but was not collected by its parent still has its pid.
  return process.platform !== "linux" || !["Z", "X"].includes(statFields(pid)?.[0] ?? "");
}

/** Asking other systems than Linux starts a process: an answer that says "the same one, alive" holds for a while. */
const answers = new Map<number, { readonly startedAt: string; readonly until: number }>();
const answerHolds = 30_000;

function recentStart(pid: number, expected: string): string | undefined {
  const known = answers.get(pid);
  if (known?.startedAt === expected && performance.now() < known.until) return expected;
  const startedAt = processStart(pid);
  if (startedAt !== undefined && process.platform !== "linux")
    answers.set(pid, { startedAt, until: performance.now() + answerHolds });
  return startedAt;
}

/** @returns `undefined` when it can't be found out. */
function processStart(pid: number): string | undefined {
  switch (process.platform) {
    case "linux":
      return statFields(pid)?.[19];
    case "win32":
      return run("powershell", ["-NoProfile", "-Command", `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]);
    default:
      return run("ps", ["-o", "lstart=", "-p", String(pid)]);
  }
}

/** The fields of /proc/PID/stat from the third one (the state) on: the second, a name, may contain anything. */
function statFields(pid: number): readonly string[] | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function bootId(): string {
  if (process.platform === "linux") {
    return attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "";
  }
  return process.platform === "darwin" ? (run("sysctl", ["-n", "kern.bootsessionuuid"]) ?? "") : "";
}

function run(command: string, args: readonly string[]): string | undefined {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const options = {
    encoding: "utf8",
    timeout: 5000,
    windowsHide: true,
    env,
    stdio: "pipe",
  } as const;
  return attempt(() => execFileSync(command, args, options).trim()) || undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
