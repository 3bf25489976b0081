import assert from "node:assert/strict";
import { fileMention, linkTarget } from "../../webview/text/links";

describe("links in the transcript", () => {
  it("opens web addresses, mail and files, with the line that is named", () => {
    const addresses = [
      "https://example.com/a?b=c#d",
      "HTTP://EXAMPLE.com",
      "mailto:ada@example.com",
      "src/app.ts",
      "./src/app.ts:12",
      "src/app.ts:12:5",
      "app.ts:12",
      "/home/ada/app.ts#L7-L9",
      "my%20notes.md",
      "C:\\work\\app.ts",
      "https://xn--e1awd7f.com/",
      "https://еxample.com/",
    ];
    assert.deepEqual(addresses.map(linkTarget), [
      { kind: "web", href: "https://example.com/a?b=c#d" },
      { kind: "web", href: "http://example.com/" },
      { kind: "web", href: "mailto:ada@example.com" },
      { kind: "file", path: "src/app.ts" },
      { kind: "file", path: "./src/app.ts", line: 12 },
      { kind: "file", path: "src/app.ts", line: 12 },
      { kind: "file", path: "app.ts", line: 12 },
      { kind: "file", path: "/home/ada/app.ts", line: 7 },
      { kind: "file", path: "my notes.md" },
      { kind: "file", path: "C:\\work\\app.ts" },
      { kind: "web", href: "https://xn--e1awd7f.com/" },
      { kind: "web", href: "https://xn--xample-2of.com/" },
    ]);
  });

  const refused = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    "\u0001javascript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript&#58;alert(1)",
    "javascript:1",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "command:workbench.action.terminal.new",
    "vscode://file/etc/passwd",
    "vscode-insiders:extension/x",
    "file:///etc/passwd",
    "blob:https://example.com/1",
    "ftp://example.com/x",
    "ws://example.com",
    "//example.com/x",
    "\\\\example.com\\share",
    "/\\example.com/share",
    "%2F%2Fexample.com/share",
    "%5c%5cexample.com/share",
    "https://user:secret@example.com/",
    "https://good.example@evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "https://exa\u200bmple.com",
    "src/\u202eapp.ts",
    "src/app%00.ts",
    "%E0%A4%A",
    "#section",
    "",
    "   ",
  ];
  for (const address of refused) {
    it(`refuses ${JSON.stringify(address)}`, () => assert.equal(linkTarget(address), undefined));
  }

  it("takes code spans for files only where they clearly are", () => {
    const codes = [
      "src/app.ts",
      "src/app.ts:12",
      "app.ts:3",
      "app.ts",
      "a/b",
      "npm test",
      "x.y",
      "//host/a.ts",
      "10:30",
    ];
    assert.deepEqual(codes.map(fileMention), [
      { kind: "file", path: "src/app.ts" },
      { kind: "file", path: "src/app.ts", line: 12 },
      { kind: "file", path: "app.ts", line: 3 },
      ...Array.from({ length: 6 }, () => undefined),
    ]);
  });
});
