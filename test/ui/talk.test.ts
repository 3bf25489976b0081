/** The agent talks while it works: its task list, a question that outlives the page, and the web. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { call, reply, text } from "../simulator/reply";
import {
  answer,
  composer,
  conversation,
  eventually,
  hasStatus,
  questions,
  said,
  send,
  toolCalls,
} from "./support/chat";
import { withVsCode } from "./support/vscode";

const tasks = (...states: readonly ("pending" | "in_progress" | "done")[]) =>
  call("todo", {
    items: states.map((status, at) => ({ text: ["Look around", "Ask which way", "Do it"][at], status })),
  });
const choices = [{ label: "The left one", description: "It is shorter." }, { label: "The right one" }];

describe("what the agent says while it works, in VS Code", () => {
  it("is a list that stays, a question that is answered in the message box, and the web after an answer each", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<title>Ways</title><body><h1>Ways</h1><p>The left one is closed.</p>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/ways`;
    const results = [{ title: "Ways of the town", url: "https://ways.example/" }];
    const scenario = {
      steps: [
        reply(tasks("done", "in_progress", "pending"), call("ask_user", { question: "Which way?", choices })),
        reply(call("web_search", { query: "is the left way open" })),
        reply(call("web_fetch", { url })),
        reply(tasks("done", "done", "done")),
        reply("I went right."),
      ],
      searches: [
        { reply: { blocks: [{ type: "web_search" as const, query: "left way", results }, text("It is closed.")] } },
      ],
    };
    await withVsCode({ name: "talk", scenario }, async ({ frame, chat, command }) => {
      await send(frame, "Go");
      const list = (of: typeof frame) => of.getByRole("region", { name: "Task list" });
      await frame.getByRole("alertdialog", { name: "Question" }).getByText("The left one").waitFor();
      await hasStatus(frame, "needs-approval");

      await frame.evaluate("document.body.dataset.isOld = 'yes'");
      await command("Developer: Reload Webviews");
      const now = await eventually("a new page", async () => {
        const found = await chat();
        const isOld = await found.evaluate("document.body.dataset.isOld === 'yes'").catch(() => true);
        return isOld === false && found;
      });
      await now.getByRole("alertdialog", { name: "Question" }).waitFor();
      assert.deepEqual(await list(now).getByRole("listitem").allTextContents(), [
        "Done: Look around",
        "In progress: Ask which way",
        "To do: Do it",
      ]);
      await composer(now).fill("Neither: straight on");
      await composer(now).press("Enter");

      await answer(questions(now, "web_search"), "Allow once");
      const own = questions(now, "web_fetch");
      await own.getByText(/in its own network/).waitFor();
      assert.equal(await own.getByRole("button", { name: "Allow in this tab" }).count(), 0);
      await answer(own, "Allow once");
      await said(now, "I went right.");
      await hasStatus(now, "idle");
      assert.deepEqual(
        (await toolCalls(now)).map(([name, state]) => [name.split(":")[0], state]),
        [
          ["todo", "done"],
          ["ask_user", "done"],
          ["web_search", "done"],
          ["web_fetch", "done"],
          ["todo", "done"],
        ],
      );
      await conversation(now).getByText("Neither: straight on").waitFor();
      await list(now).getByText("3 of 3 done").waitFor();
    }).finally(() => server.close());
  });
});
