/** Pages of the web from within VS Code: through its own settings for proxies, and read by a thread beside the extension. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { TestApi } from "../../src/extension";
import { call, reply } from "../simulator/reply";
import { type Simulator, startSimulator } from "../simulator/server";
import { activate, type Chat, configure, openChat } from "./support/chat";

const PAGE = `<html><head><title>Behind a proxy</title></head><body><nav>Menu</nav><main><h1>Hello</h1>${"<p>A paragraph of the page, with commas, and some length.</p>".repeat(12)}</main></body></html>`;

describe("the web in VS Code", () => {
  let api: TestApi;
  let simulator: Simulator;
  let chat: Chat;
  let proxy: Server;
  const asked: string[] = [];

  before(async () => {
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    api = await activate();
    simulator = await startSimulator({ scenario: { steps: [] } });
    const key = { id: "simulator", provider: "anthropic", baseUrl: simulator.url } as const;
    await api.secrets.put(key, "sk-simulator-0001");
    await configure({
      "http.proxy": `http://127.0.0.1:${port}`,
      "dispatch.keys": [key],
      "dispatch.models": [{ key: key.id, model: "claude-sonnet-5-5" }],
    });
    chat = await openChat(api);
    await chat.until(({ setup }) => setup?.key.kind === "ready");
    const { active } = chat.state();
    chat.send({ type: "newTab" });
    await chat.until((state) => state.active !== active && state.views.has(state.active));
  });
  after(async () => {
    chat.dispose();
    await configure({ "http.proxy": undefined, "dispatch.keys": undefined, "dispatch.models": undefined });
    await simulator.close();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it("is reached through the editor's proxy, where the machine itself knows no such host, after a question", async () => {
    simulator.use({
      steps: [reply(call("web_fetch", { url: "http://page.dispatch-test.example/x?y=1" })), reply("Read.")],
    });
    chat.send({ type: "send", tab: chat.state().active, text: "Read it" });
    const [card] = await chat.until(() => chat.tab().approvals.length > 0 && chat.tab().approvals);
    assert.deepEqual(
      [card?.title, card?.subject, asked],
      [
        "Fetch this page?",
        {
          kind: "net",
          act: "page",
          text: "http://page.dispatch-test.example/x?y=1",
          host: "page.dispatch-test.example",
        },
        [],
      ],
    );
    chat.send({ type: "decide", tab: chat.state().active, id: card?.id ?? "", answer: { kind: "allow_once" } });
    const result = await chat.until(() => chat.tab().rows.find((row) => row.type === "tool_result"));
    assert.ok(result.type === "tool_result");
    assert.deepEqual(asked, ["GET http://page.dispatch-test.example/x?y=1"]);
    assert.match(
      result.data.text,
      /^\[material \d+ from http:\/\/page[^\n]*\nTitle: Behind a proxy\n## Hello\n\nA paragraph/,
    );
    assert.doesNotMatch(result.data.text, /Menu/);
  });
});
