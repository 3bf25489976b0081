import assert from "node:assert/strict";
import { call, reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
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

describe("a command in the background in VS Code", () => {
  it("is moved there from the queue, which then reaches the agent, and is shown, read and stopped", () =>
    withVsCode({ name: "jobs", scenario }, async ({ page, frame, simulator }) => {
      await send(frame, "Start the server");
      await answer(questions(frame, "run_shell"), "Allow once");
      await conversation(frame).getByText("server begun").waitFor();
      await conversation(frame).getByRole("button", { name: "Move to background" }).waitFor();
      await send(frame, "How is it doing?");
      const queue = frame.getByRole("region", { name: "Queue" });
      await queue.getByRole("button", { name: "Move the command to the background" }).click();
      await said(frame, "It is still running.");
      await hasStatus(frame, "idle");
      await queue.waitFor({ state: "detached" });
      assert.deepEqual(
        (await toolCalls(frame)).map(([name, state]) => [name.split(":")[0], state]),
        [
          ["run_shell", "done"],
          ["job_output", "done"],
        ],
      );
      const last = simulator.messages().at(-1)?.body.toString() ?? "";
      assert.ok(last.indexOf("moved this command to the background") < last.indexOf("How is it doing?"));

      const jobs = frame.getByRole("region", { name: "Background commands" });
      await jobs.getByRole("button", { name: "Show output" }).click();
      await page.locator(".editor-instance").getByText("server begun").waitFor();
      await jobs.getByRole("button", { name: /^Stop / }).click();
      await jobs.waitFor({ state: "detached" });
    }));
});
