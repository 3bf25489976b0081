/** A settings.json that is not valid JSON: VS Code then hands out what it can make of it, and says nothing. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { userFiles } from "../../src/host/user-file";
import { activate, configure, openChat } from "./support/chat";

describe("a settings.json that is broken", () => {
  it("changes nothing but what a banner says, until it is mended", async () => {
    const api = await activate();
    const chat = await openChat(api);
    const banner = () => chat.state().setup?.banners.find(({ id }) => id === "settings")?.message;
    const shows = (rows: number) => chat.until(({ setup }) => setup?.rowsInView === rows);
    await configure({ "dispatch.rowsInView": 123 });
    await shows(123);
    const file = settingsFile(api.logFolder, '"dispatch.rowsInView": 123');
    const good = readFileSync(file, "utf8");
    try {
      writeFileSync(file, good.replace("{", '{ "half": {'));
      await chat.until(() => banner() !== undefined);
      assert.equal(
        banner(),
        `The settings are not as they should be, so those from before count: settings.json is not valid JSON, so VS Code reads only a part of it; correct ${file}.`,
      );
      assert.equal(chat.state().setup?.rowsInView, 123);
    } finally {
      writeFileSync(file, good.replace(": 123", ": 124"));
    }
    await shows(124);
    await chat.until(() => banner() === undefined);
    await configure({ "dispatch.rowsInView": undefined });
    chat.dispose();
  });
});

/** The file of this VS Code's that has this text. */
function settingsFile(logFolder: string, text: string): string {
  const user = logFolder.slice(0, logFolder.lastIndexOf(`${path.sep}User${path.sep}`) + 5);
  const file = userFiles(path.join(user, "globalStorage", "dispatch.dispatch")).find((one) => {
    try {
      return readFileSync(one, "utf8").includes(text);
    } catch {
      return false;
    }
  });
  assert.ok(file, "no settings.json of this VS Code has the setting");
  return file;
}
