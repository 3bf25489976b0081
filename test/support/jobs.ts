/** What tests of background commands share: a command that waits to be let go, and what is seen of it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalAnswer, JobState } from "../../src/chunks/protocol";
import type { Simulator } from "../simulator/server";
import type { Agent } from "./agent";
import { call, text } from "./script";

export const shell = (command: string, more: object = {}) => ({ blocks: [call("run_shell", { command, ...more })] });
export const said = (words: string) => ({ blocks: [text(words)] });
export const allow = { answer: (): ApprovalAnswer => ({ kind: "allow_once" }) };

/** Says its id to a file and something on the screen, then runs until `go` is there. */
export const waiting = "echo $$ > pid; echo begun; until [ -e go ]; do sleep 0.02; done; echo over";

export const jobs = (agent: Agent): readonly JobState[] => agent.state().tabs[0]?.jobs ?? [];
export const runs = (agent: Agent) =>
  agent.until((state) => {
    const tool = state.views.get(agent.tab())?.live?.tools[0];
    return tool?.state === "running" && tool.output.includes("begun");
  });
export const letGo = (agent: Agent) => writeFileSync(path.join(agent.root, "go"), "");
export const toBackground = (agent: Agent) => {
  const callId = agent.state().views.get(agent.tab())?.live?.tools[0]?.callId ?? "";
  agent.say({ type: "background", tab: agent.tab(), callId });
};

/** The rows of the newest conversation, without the first context row. */
export async function lines(agent: Agent): Promise<readonly string[]> {
  return (await agent.rows()).flatMap((row) => {
    if (row.type === "tool_result") return [`result ${row.data.outcome}: ${row.data.text}`];
    if (row.type === "text") return row.seq === 1 ? [] : [`${row.role}: ${row.data.text}`];
    return row.type === "system" ? [`${row.data.kind}: ${row.data.text}`] : [];
  });
}

export function assertWire(simulator: Simulator): void {
  const sent = simulator.messages();
  for (const [index, request] of sent.entries()) {
    assert.equal(request.error, undefined);
    const before = sent[index - 1]?.usage;
    if (before === undefined) continue;
    assert.equal(request.prefix?.blocksIntact, true, `request ${index} begins with the one before`);
    assert.equal(
      request.usage?.cache_read_input_tokens,
      before.cache_read_input_tokens + before.cache_creation_input_tokens,
      `request ${index} reads what was written`,
    );
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export async function isGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

export const pidIn = (root: string): number => Number(readFileSync(path.join(root, "pid"), "utf8"));

/** The job that the newest result speaks of, as a model finds it. */
export const jobIn = (results: readonly { readonly text: string }[]): string =>
  /job (j\d+)/.exec(results.at(-1)?.text ?? "")?.[1] ?? "none";
