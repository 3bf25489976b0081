/** Whether the sandbox holds what it promises: something is run in it that tries to get out. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Wrapped } from "../tools/types";
import type { Box } from "./sandbox";

const LIMIT_MS = 10_000;

/** $1: a folder that may be written, $2: one that may not, $3: a file that may not be read, $4: a port of this machine. */
const ATTEMPTS = `
echo inside > "$1/inside"
( echo outside > "$2/outside" ) 2>/dev/null
cat "$3" > "$1/secret" 2>/dev/null
bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && echo reached' bash "$4" > "$1/network" 2>/dev/null
exit 0`;

/** @returns what is wrong with it, in one sentence. */
export async function probe(
  wrap: (box: Box, argv: readonly string[]) => Promise<Wrapped>,
): Promise<string | undefined> {
  const base = realpathSync.native(mkdtempSync(path.join(tmpdir(), "dispatch-probe-")));
  const [inside, outside, secret] = [path.join(base, "in"), path.join(base, "out"), path.join(base, "secret")];
  mkdirSync(inside);
  mkdirSync(outside);
  writeFileSync(secret, "secret\n");
  const server = await listen();
  try {
    const box = { allowWrite: [inside], denyWrite: [], denyRead: [secret] };
    const port = String(server.port);
    const wrapped = await wrap(box, ["/bin/sh", "-c", ATTEMPTS, "sh", inside, outside, secret, port]);
    const said = await run(wrapped.script).finally(wrapped.release);
    if (!existsSync(path.join(inside, "inside"))) {
      return `The system does not let programs make a sandbox${said === "" ? "." : `: ${said}`}`;
    }
    if (existsSync(path.join(outside, "outside"))) return "The sandbox of this system does not keep writes inside.";
    if (readFileSync(path.join(inside, "secret"), "utf8") !== "") return "The sandbox of this system hides nothing.";
    if (server.wasReached()) return "The sandbox of this system does not keep the network off.";
    return undefined;
  } finally {
    server.close();
    rmSync(base, { recursive: true, force: true });
  }
}

/** @returns the first line that it printed. */
function run(script: string): Promise<string> {
  return new Promise((resolve) => {
    let printed = "";
    const child = spawn("/bin/sh", ["-c", `exec 2>&1\n${script}`], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", (bytes: Buffer) => {
      printed += bytes.toString();
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(printed.trim().split("\n")[0]?.slice(0, 200) ?? ""));
  });
}

/** On a port of this machine, for as long as the attempts take. */
function listen(): Promise<{ readonly port: number; readonly wasReached: () => boolean; readonly close: () => void }> {
  return new Promise((resolve, reject) => {
    let reached = false;
    const server: Server = createServer((socket) => {
      reached = true;
      socket.destroy();
    });
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ port, wasReached: () => reached, close: () => server.close() });
    });
  });
}
