import assert from "node:assert/strict";
import { type ComponentChild, isValidElement } from "preact";
import { drawBlock } from "../../webview/markdown";
import { CodeBlock } from "../../webview/parts/code-block";
import { Icon } from "../../webview/parts/icon";
import { Link } from "../../webview/parts/link";
import { lex } from "../../webview/text/lex";

/** The tree that a text becomes, one line: elements in angle brackets, text in quotes. */
function treeOf(markdown: string): string {
  return lex(markdown)
    .blocks.map((block) => flatten(drawBlock(block.token)))
    .join(" ");
}

function flatten(node: ComponentChild): string {
  if (Array.isArray(node)) {
    return node
      .map(flatten)
      .filter((part) => part !== "")
      .join(" ");
  }
  if (typeof node === "string" || typeof node === "number") {
    return JSON.stringify(String(node));
  }
  if (!isValidElement(node)) {
    return "";
  }
  const { type } = node;
  const props: Readonly<Record<string, unknown>> = { ...node.props };
  if (type === CodeBlock) {
    return `<CodeBlock ${props.language} ${props.closed} ${JSON.stringify(props.code)}>`;
  }
  if (type === Icon) {
    return "";
  }
  const { children } = props;
  const inner = flatten(isChild(children) ? children : null);
  if (type === Link) {
    return `<Link ${JSON.stringify(props.target)} ${inner}>`;
  }
  const name = typeof type === "string" ? type : "";
  const address = ["href", "src"].flatMap((attribute) => (attribute in props ? [`${attribute}=!`] : []));
  return name === "" ? inner : `<${[name, ...address, inner].filter((part) => part !== "").join(" ")}>`;
}

function isChild(value: unknown): value is ComponentChild {
  return value !== undefined;
}

describe("markdown as a tree", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "inline marks",
      "**b** _e_ ~~d~~ `c` a\\*b",
      '<p <strong "b"> " " <em "e"> " " <del "d"> " " <code "c"> " a" "*" "b">',
    ],
    ["headings", "# One\n\n### Three", '<h3 "One"> <h5 "Three">'],
    ["entities, once", "a &amp;lt; b &copy; &unknown;", '<p "a &lt; b © &unknown;">'],
    ["an ordered list with its start", "3. a\n4. b", '<ol <li "a"> <li "b">>'],
    ["tasks", "- [x] a\n- [ ] b", '<ul <li <input> "a"> <li <input> "b">>'],
    ["a closed fence", "```ts title=x\na\n```", '<CodeBlock ts true "a">'],
    ["an open fence", "```ts\na", '<CodeBlock ts false "a">'],
    [
      "a table in its own box",
      "|a|b|\n|-|-|\n|1|2|",
      '<section <table <thead <tr <th "a"> <th "b">>> <tbody <tr <td "1"> <td "2">>>>>',
    ],
    ["a link", "[x](https://e.com)", '<p <Link {"kind":"web","href":"https://e.com/"} "x">>'],
    ["a file", "[x](src/a.ts:3)", '<p <Link {"kind":"file","path":"src/a.ts","line":3} "x">>'],
    ["a file in code", "`src/a.ts`", '<p <Link {"kind":"file","path":"src/a.ts"} <code "src/a.ts">>>'],
    [
      "an image as words",
      "![cat](data:image/png;base64,AA==)",
      '<p <span " " "cat" " " <span "(" "data:image/png;base64,AA==" ")">>>',
    ],
    [
      "a web image as a link",
      "![cat](https://e.com/c.png)",
      '<p <span <Link {"kind":"web","href":"https://e.com/c.png"} " " "cat" " " <span "(" "https://e.com/c.png" ")">>>>',
    ],
  ];
  for (const [name, markdown, tree] of cases) {
    it(`draws ${name}`, () => assert.equal(treeOf(markdown), tree));
  }

  const hostile = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a <svg/onload=alert(1)> b",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "![x][1]\n\n[1]: https://e.com/x.png",
    "[![x](https://e.com/x.png)](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>@import 'https://e.com/x.css'</style>",
    "```html\n<script>alert(1)</script>\n```",
    "[x](command:dispatch.approve)",
    "[x](vscode://x/y)",
    "<details open ontoggle=alert(1)>",
  ];
  for (const markdown of hostile) {
    it(`makes nothing active of ${JSON.stringify(markdown)}`, () => {
      const tree = treeOf(markdown);
      const bare = tree.replace(/"(?:[^"\\]|\\.)*"/g, "");
      const elements = [...bare.matchAll(/<(\w+)/g)].map((match) => match[1] ?? "");
      const known = ["p", "span", "code", "pre", "Link", "CodeBlock"];
      assert.deepEqual(
        elements.filter((name) => !known.includes(name)),
        [],
      );
      assert.doesNotMatch(bare, /<\w+ (?:href|src)=/);
      for (const target of tree.matchAll(/<Link (\{[^}]*\})/g)) {
        assert.match(target[1] ?? "", /"kind":"file"|"href":"https?:/);
      }
    });
  }
});
