import assert from "node:assert/strict";
import { call, reply } from "../simulator/reply";
import { eventually, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

describe("what was used, in VS Code", () => {
  it("opens from the line under a turn, and as a report in the editor's own preview", () =>
    withVsCode(
      { name: "usage", scenario: { steps: [reply("I look.", call("list_files", {})), reply("From the model.")] } },
      async ({ page, frame, command }) => {
        await send(frame, "Mend the parser");
        await said(frame, "From the model.");
        await frame.getByRole("button", { name: /^2 steps · .* · \$0\.\d+/ }).press("Enter");
        const table = frame.getByRole("table", { name: "Requests of this turn" });
        await eventually("two requests", async () => (await table.getByRole("row").count()) === 3);
        await frame.getByRole("img", { name: /of 1,000,000 tokens of the model's window are used/ }).waitFor();

        await command("Dispatch: Show Usage");
        const report = await eventually("the report", async () => {
          for (const one of page.frames())
            if (
              (await one
                .getByRole("heading", { name: "By model" })
                .count()
                .catch(() => 0)) === 1
            )
              return one;
          return undefined;
        });
        const cells = report.getByRole("row", { name: /^Mend the parser/ }).getByRole("cell");
        const [chat, requests, ...counts] = await cells.allTextContents();
        assert.deepEqual([chat, requests, counts.length], ["Mend the parser", "2", 6]);
        assert.match(counts.at(-1) ?? "", /^\$0\.\d+$/);
      },
    ));
});
