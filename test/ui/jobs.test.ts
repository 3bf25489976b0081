import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { call, reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import type { Simulator } from "../simulator/server";
import { answer, conversation, hasStatus, questions, said, send, toolCalls } from "./support/chat";
import { withVsCode } from "./support/vscode";

/** What it prints stands nowhere in it, so that the output can be told from the command. */
const COMMAND = "printf 'server %s\\n' begun; until [ -e go ]; do sleep 0.05; done; printf 'server %s\\n' over";

const scenario: Scenario = (request) => {
  const job = /job (j\d+)/.exec(request.lastResults.at(-1)?.text ?? "")?.[1] ?? "none";
  const steps = [
    reply("I start it.", call("run_shell", { command: COMMAND })),
    reply("You want to know more: I look.", call("job_output", { job })),
    reply("It is still running."),
  ];
  return steps[request.steps] ?? reply("Past the end.");
};

/** The command runs, and a message is sent behind it. */
async function queueBehind(frame: Frame): Promise<void> {
  await send(frame, "Start the server");
  await answer(questions(frame, "run_shell"), "Allow once");
  await conversation(frame).getByText("server begun").waitFor();
  await conversation(frame).getByRole("button", { name: "Move to background" }).waitFor();
  await send(frame, "How is it doing?");
}

const queue = (frame: Frame) => frame.getByRole("region", { name: "Queue" });

/** The agent has read the message right behind a result that says why the command was moved. */
async function isRead(frame: Frame, simulator: Simulator, why: string): Promise<void> {
  await said(frame, "It is still running.");
  await hasStatus(frame, "idle");
  await queue(frame).waitFor({ state: "detached" });
  assert.deepEqual(
    (await toolCalls(frame)).map(([name, state]) => [name.split(":")[0], state]),
    [
      ["run_shell", "done"],
      ["job_output", "done"],
    ],
  );
  const last = simulator.messages().at(-1)?.body.toString() ?? "";
  const told = last.indexOf(why);
  assert.ok(told > 0 && told < last.indexOf("How is it doing?"), why);
}

describe("a command in the background in VS Code", () => {
  it("is waited for or moved there from the queue, which then reaches the agent, and is shown, read and stopped", () =>
    withVsCode(
      { name: "jobs", scenario, settings: { "dispatch.backgroundAfterSeconds": 3_600 } },
      async ({ page, frame, simulator }) => {
        await queueBehind(frame);
        await queue(frame)
          .getByText(/^The command moves to the background in (1 h|59 min)/)
          .waitFor();
        await queue(frame).getByRole("button", { name: "Wait for it" }).click();
        await queue(frame).getByText("The agent gets this when the command ends.").waitFor();
        await queue(frame).getByRole("button", { name: "Move the command to the background" }).click();
        await isRead(frame, simulator, "The person moved this command to the background");

        const jobs = frame.getByRole("region", { name: "Background commands" });
        await jobs.getByRole("button", { name: "Show output" }).click();
        await page.locator(".editor-instance").getByText("server begun").waitFor();
        await jobs.getByRole("button", { name: /^Stop / }).click();
        await jobs.waitFor({ state: "detached" });
      },
    ));

  it("moves there by itself for a message that waits behind it", () =>
    withVsCode(
      { name: "jobs-queue", bare: true, scenario, settings: { "dispatch.backgroundAfterSeconds": 2 } },
      async ({ frame, simulator }) => {
        await queueBehind(frame);
        await isRead(frame, simulator, "A message of the person waited behind this command, so it was moved");
      },
    ));
});
