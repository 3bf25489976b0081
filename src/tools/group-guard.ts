/** Sees to it that no command outlives this process, even when it is killed without a word. */
import { spawn } from "node:child_process";

/** Waits for the end of its input. One that comes without a line before it is the death of whoever holds the pipe. (`-s`: dash.) */
const GUARD = 'read -r _ || { kill -s TERM -- "-$1"; sleep 2; kill -s KILL -- "-$1"; }';

/**
 * From now on a process group ends with this process: a shell of its own holds a pipe to it and ends the group when the
 * pipe breaks. Not on Windows. A process that made a session of its own is no longer in the group and stays.
 * @param leader absent: nothing was started.
 * @returns to be called when the group has ended, after which its number may be another's.
 */
export function guardGroup(leader: number | undefined): () => void {
  if (leader === undefined || process.platform === "win32") return () => undefined;
  const guard = spawn("/bin/sh", ["-c", GUARD, "sh", String(leader)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true, // what ends a terminal's or an editor's whole group must not end this one first
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a guard the command still ends with an orderly end of this process.
  guard.on("error", () => undefined);
  guard.stdin.on("error", () => undefined);
  guard.unref();
  return () => guard.stdin.end("ended\n");
}
