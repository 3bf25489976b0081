import assert from "node:assert/strict";
import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { call, reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { composer, conversation, eventually, hasStatus, said, send } from "./support/chat";
import { settingsFor, withVsCode } from "./support/vscode";

const hello = { steps: [reply("Hello!")] };

describe("bad input in VS Code", () => {
  it("leads without a key to the one step that is missing, and is ready after it", () =>
    withVsCode(
      { name: "no-key", scenario: hello, env: { DISPATCH_TEST_KEY: "" } },
      async ({ page, frame, simulator }) => {
        await conversation(frame).getByText("One step before the first task").waitFor();
        await composer(frame).fill("Hello?");
        await composer(frame).press("Enter");
        await frame.getByText("Your message was not sent and is kept in the box.").waitFor();
        await eventually("the message to be back", async () => (await composer(frame).inputValue()) === "Hello?");
        assert.equal(simulator.requests.length, 0);

        await frame.getByRole("button", { name: "Set API key" }).click();
        await enterKey(page, "sk-typed-by-hand");
        await frame.getByRole("button", { name: "Explain how this project is structured" }).waitFor();
        await composer(frame).press("Enter");
        await said(frame, "Hello!");
        assert.equal(simulator.messages()[0]?.headers.authorization, "Bearer sk-typed-by-hand");
      },
    ));

  it("says that a key is wrong, and continues where it stood once there is a right one", () =>
    withVsCode(
      { name: "wrong-key", scenario: hello, simulator: { keys: ["sk-right"] } },
      async ({ page, frame, simulator }) => {
        await send(frame, "Hello?");
        await said(frame, 'does not accept the API key "simulator".');
        await hasStatus(frame, "error");
        await conversation(frame).getByRole("button", { name: "Set API key" }).click();
        await enterKey(page, "sk-right");
        await conversation(frame).getByRole("button", { name: "Continue" }).click();
        await said(frame, "Hello!");
        await hasStatus(frame, "idle");
        assert.deepEqual(
          simulator.messages().map(({ status }) => status),
          [401, 200],
        );
      },
    ));

  it("names an unknown model and leads to the setting", () =>
    withVsCode(
      {
        name: "unknown-model",
        scenario: hello,
        settings: { "dispatch.models": [{ key: "simulator", model: "claude-nonsense-9" }] },
      },
      async ({ page, frame }) => {
        await send(frame, "Hello?");
        await said(frame, 'does not know the model "claude-nonsense-9"');
        await conversation(frame).getByRole("button", { name: "Open settings" }).click();
        await settingsShow(page, "Models");
      },
    ));

  it("says that nothing answers at an address, after trying again in view", async () => {
    const url = await unusedAddress();
    await withVsCode({ name: "unreachable", scenario: hello, settings: settingsFor(url) }, async ({ frame }) => {
      await send(frame, "Hello?");
      await said(frame, /Nothing answers at 127\.0\.0\.1:\d+.*(next try|trying again)/);
      await said(frame, "Start the server, or correct the baseUrl");
      await hasStatus(frame, "error");
      await conversation(frame).getByRole("button", { name: "Open settings" }).waitFor();
      await conversation(frame).getByRole("button", { name: "Try again" }).waitFor();
    });
  });

  it("says what is wrong with settings of the wrong shape and leads to them", () =>
    withVsCode(
      { name: "wrong-shape", scenario: hello, settings: { "dispatch.keys": { id: "not a list" } } },
      async ({ page, frame }) => {
        await conversation(frame)
          .getByText(/dispatch\.keys/)
          .waitFor();
        await frame.getByRole("button", { name: "Open settings" }).click();
        await settingsShow(page, "Keys");
      },
    ));

  it("chats in a window without a folder, and offers to open one", () =>
    withVsCode(
      {
        name: "no-folder",
        scenario: { steps: [reply(call("read_file", { path: "README.md" })), reply("There is no folder.")] },
        workspace: "none",
      },
      async ({ page, frame, simulator, storage }) => {
        await frame.getByText("No folder is open").waitFor();
        await send(frame, "Read the README");
        await said(frame, "There is no folder.");
        assert.deepEqual(
          simulator.messages().map(({ status }) => status),
          [200, 200],
        );
        assert.ok(existsSync(path.join(storage(), "journal")));
        await frame.getByRole("button", { name: "Open folder" }).click();
        await page
          .locator(".quick-input-widget")
          .getByText(/Open Folder/)
          .first()
          .waitFor();
      },
    ));

  it("opens with a corrupt checkpoint, keeps it aside, and says so", () =>
    withVsCode({ name: "corrupt", scenario: hello }, async ({ page, frame, storage, chat }) => {
      await send(frame, "Hello?");
      await said(frame, "Hello!");
      const address = page.url();
      await page.goto("about:blank");
      const log = storage();
      const checkpoint = path.join(log, "checkpoint.sqlite");
      await eventually(
        "the log to be closed",
        () => existsSync(checkpoint) && !existsSync(path.join(log, "owner.json")),
      );
      writeFileSync(checkpoint, "This is not a database.");
      truncateSync(path.join(log, "journal"));

      await openAgain(page, address);
      const again = await chat();
      await again
        .getByText(/checkpoint/)
        .first()
        .waitFor();
      await eventually("the damaged file to be kept", () => readdirSync(log).length > 4);
      await send(again, "Hello?");
      await said(again, "Hello!");
    }));
});

/** Types into the box of *Set API Key*. */
async function enterKey(page: Page, key: string): Promise<void> {
  const box = page.locator(".quick-input-widget input.input");
  await box.fill(key);
  await box.press("Enter");
}

/** Resolves when VS Code's settings show this one of ours. */
const settingsShow = (page: Page, name: string): Promise<void> =>
  page.locator(".settings-editor").getByText(`Dispatch: ${name}`).first().waitFor();

/** An address of this machine where nothing listens: its port was free a moment ago. */
async function unusedAddress(): Promise<string> {
  const { url, close } = await startSimulator({ scenario: hello });
  await close();
  return url;
}

/** The workbench once more. On a busy machine its page has stayed blank, before anything of ours ran: then it is loaded anew. */
async function openAgain(page: Page, address: string): Promise<void> {
  const workbench = page.locator(".monaco-workbench");
  await page.goto(address);
  await workbench.waitFor({ timeout: 20_000 }).catch(() => page.goto(address));
  await workbench.waitFor();
}
