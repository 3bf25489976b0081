/**
 * Texts of a model that want to run something, fetch something or lead astray (corpus.json), in every place of the page
 * where a text of a model, a tool or a file stands, in a real browser: nothing runs, nothing is fetched, and each link
 * says where it leads before it is followed.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

type Case = {
  readonly id: string;
  readonly attack: string;
  readonly text: string;
  /** Where the links of an answer lead. Absent: it must have none that leads anywhere but to the web, by mail or to a file. */
  readonly links?: readonly string[];
};

const cases: readonly Case[] = JSON.parse(readFileSync("test/webview/corpus.json", "utf8"));

/** Everything but the answer: the answer comes last, so that its links can be told apart. */
const everywhere = ({ text }: Case): ToView =>
  b.snapshot({
    tabs: [
      b.tabState({
        title: text.slice(0, 200),
        status: "needs-approval",
        activity: { kind: "approval" },
        draft: text,
        modelLabel: text.slice(0, 100),
        queue: [{ id: "m1", text, createdAt: 1 }],
        jobs: [{ id: "j1", command: text, startedAt: 1, end: text }],
      }),
    ],
    setup: {
      folder: text,
      banners: [{ id: "x", severity: "warning", message: text, action: { label: text, command: "show-log" } }],
    },
    specs: [
      b.user(text),
      b.context(text),
      b.thought(text),
      b.call("c1", "run_shell", { command: text, cwd: text }),
      b.result("c1", "run_shell", text, { summary: text, isError: true, outcome: "error" }),
      b.call("c2", "read_file", { path: text }),
      b.result("c2", "read_file", text, { decision: { by: "person", effect: "deny", reason: text } }),
      b.call("c3", text, { [text]: text }),
      { role: "system", type: "system", data: { kind: "notice", text } },
      { role: "assistant", type: "error", data: { code: text, message: text, retryable: false } },
      b.said(text, 2),
      b.call("c4", "run_shell", { command: text }, 3),
      b.call("c5", "edit_file", { path: text }, 3),
    ],
    approvals: [
      b.commandCard({ callId: "c4", risk: text, title: text, tabScope: text }, text),
      b.commandCard({
        ...{ id: "a2", callId: "c5", tool: "edit_file", risk: text },
        subject: {
          ...{ kind: "edit", path: text, isNew: false, added: 1, removed: 0 },
          diff: [{ kind: "add", line: 1, text }],
        },
      }),
    ],
  });

describeView("hostile texts in a browser", (stage) => {
  it("run nothing, fetch nothing, and no link hides where it leads", async () => {
    const { page } = stage().view;
    const own = new URL(page.url()).origin;
    const requests: string[] = [];
    const wrong: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(own)) requests.push(request.url());
    });
    page.on("dialog", (dialog) => dialog.dismiss());
    page.on("popup", (popup) => wrong.push(`a window was opened: ${popup.url()}`));
    page.on("framenavigated", (frame) => wrong.push(`it went to ${frame.url()}`));
    for (const one of cases) {
      await stage().view.show(everywhere(one));
      const found = await page.evaluate(inspect);
      const said = found.links.filter(({ isAnswer }) => isAnswer).map(({ title }) => title);
      if (one.links !== undefined && said.join() !== one.links.join())
        wrong.push(`${one.id} ${JSON.stringify(one.text)} leads to ${said.join()}`);
      wrong.push(...found.wrong.map((what) => `${one.id} ${JSON.stringify(one.text)}: ${what}`));
      for (const { title } of found.links)
        if (/^[a-z][a-z0-9+.-]*:(?!\d)/i.test(title) && !/^(?:https?:\/\/|mailto:)/.test(title))
          wrong.push(`${one.id}: a link leads to ${title}`);
      const opened = (await stage().view.sent()).flatMap((message) =>
        message.type === "openLink" ? [message.href] : message.type === "openFile" ? [message.path] : [],
      );
      assert.deepEqual(
        opened.slice(-found.links.length || opened.length).map((target) => target.replace(/:\d+$/, "")),
        found.links.map(({ title }) => title.replace(/:\d+$/, "")),
        `${one.id}: what is opened is what was shown`,
      );
    }
    assert.deepEqual({ wrong, requests }, { wrong: [], requests: [] });
    assert.ok(cases.length >= 150);
  });
});

/** Runs in the page: what is there that must not be, and where the links lead. Follows each link. */
async function inspect() {
  const wrong: string[] = [];
  document.querySelector<HTMLElement>("[data-call-id=c1] [aria-expanded=false]")?.click();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  if (document.querySelector("[data-call-id=c1] .tool-arguments") === null) wrong.push("a call can't be opened");
  if ("pwned" in globalThis) wrong.push("a script ran");
  const known =
    /^(?:article|bdo|blockquote|br|button|code|dd|del|details|div|dl|dt|em|footer|h[1-6]|header|hr|input|li|ol|p|pre|section|span|strong|summary|table|tbody|td|textarea|th|thead|time|tr|ul|main|aside|nav|label|select|option)$/;
  for (const element of document.querySelectorAll("#app *")) {
    const name = element.localName;
    if (!known.test(name)) wrong.push(`there is a <${name}>`);
    if (name === "input" && !["text", "checkbox"].includes((element as HTMLInputElement).type))
      wrong.push(`there is an <input> of type ${element.getAttribute("type")}`);
    for (const { name: attribute, value } of element.attributes) {
      if (/^on|^(?:href|src|srcset|action|formaction|poster|background|data|xlink:href|ping)$/i.test(attribute))
        wrong.push(`<${name}> has ${attribute}`);
      if (attribute === "style" && /url|expression|position/i.test(value))
        wrong.push(`<${name}> has a style: ${value}`);
    }
  }
  for (const box of document.querySelectorAll(
    ".approval-command, .approval-path, .diff, .tool-output, .tool-body, .link",
  ))
    if (/(?![\n\t])\p{Cc}|\p{Cf}|\p{Cs}|\u3164/u.test(box.textContent ?? "") && !box.closest(".markdown"))
      wrong.push(`something can't be seen in .${box.className}`);
  const links = [...document.querySelectorAll<HTMLElement>("[role=link]")].map((link) => {
    link.click();
    return { title: link.title, isAnswer: link.closest(".markdown") !== null };
  });
  return { wrong, links };
}
