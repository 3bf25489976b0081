/** Takes the picture of the README in a real VS Code: `node dist-test/ui/picture.entry.js docs/images/chat.png`. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { call, reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { hasStatus, questions, send } from "./support/chat";
import { type VsCode, withVsCode } from "./support/vscode";

/** Of the sidebar, px. */
const SIDEBAR = 500;

const settings = {
  "workbench.colorTheme": "Default Dark Modern",
  "editor.fontSize": 12,
  "editor.minimap.enabled": false,
};

const before = `function greet(name) {
  return \`Hello, \${name}!\`;
}
`;
const after = `function greet(name, hour) {
  return \`\${greetingFor(hour)}, \${name}!\`;
}

function greetingFor(hour) {
  if (hour === undefined) return "Hello";
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}
`;

const scenario: Scenario = {
  turns: [
    { match: /^Explain/, steps: [{ ...reply("word ".repeat(2000)), pace: 200 }] },
    {
      match: /^Greet/,
      steps: [
        reply(
          call("read_file", { path: "README.md" }),
          call("read_file", { path: "src/greeting.js" }),
          call("search", { pattern: "greet\\(" }),
        ),
        reply(
          "An optional `hour`, so that calls without one stay as they are.",
          call("edit_file", { path: "src/greeting.js", edits: [{ old_text: before, new_text: after }] }),
        ),
      ],
    },
  ],
};

async function main(): Promise<void> {
  const [target] = process.argv.slice(2);
  if (target === undefined) throw new Error("Say where the picture goes: picture.entry.js FILE");
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-picture-"));
  const vsix = path.join(folder, "dispatch.vsix");
  const workspace = path.join(folder, "greeter");
  try {
    execFileSync(process.execPath, ["scripts/package.mjs", vsix]);
    cpSync("test/simulator/sample", workspace, { recursive: true });
    const look = { settings, size: { width: 1200, height: 910 }, scale: 1.5 };
    await withVsCode({ name: "picture", vsix, workspace, scenario, ...look }, (vscode) => takePicture(vscode, target));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function takePicture({ page, frame, command }: VsCode, target: string): Promise<void> {
  await widenSidebar(page);
  await send(frame, "Explain how the greeting is tested");
  await hasStatus(frame, "running");
  await command("Dispatch: New Tab");
  await frame.getByRole("tab", { name: "New chat", selected: true }).waitFor();
  await send(frame, "Greet by the time of day, as the README wishes");
  await questions(frame, "edit_file").and(frame.locator("[data-armed=true]")).waitFor();
  await frame.locator("[data-state=pending] .link", { hasText: "greeting.js" }).click();
  await page.getByRole("tab", { name: "greeting.js" }).waitFor();
  await page.locator(".monaco-editor .mtk6, .monaco-editor .mtk8").first().waitFor(); // coloured
  await page.mouse.move(900, 600);
  await page.waitForTimeout(4000); // tooltips are gone, the language service has begun
  await page.getByText("Analyzing").waitFor({ state: "hidden" });
  await page.waitForTimeout(1000);
  await page.screenshot({ path: target });
}

/** By its border, as a person does. */
async function widenSidebar(page: Page): Promise<void> {
  const box = await page.locator(".part.sidebar").boundingBox();
  if (box === null) throw new Error("there is no sidebar");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width, y);
  await page.waitForTimeout(500); // the border answers only then
  await page.mouse.down();
  await page.mouse.move(box.x + SIDEBAR, y, { steps: 5 });
  await page.mouse.up();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
