/** An HTML page as Markdown. Runs in a thread of its own (page-worker.ts). */
import { Readability } from "@mozilla/readability";
import { type PageDocument, parseHTML } from "linkedom";
import TurndownService from "turndown/lib/turndown.browser.cjs.js";
import type { Readable } from "./types";

/** A main text that is shorter than this, and than half of the page's, is not the main text. */
const SHORT = 500;
const NOT_TEXT = [
  "script",
  "style",
  "noscript",
  "template",
  "iframe",
  "object",
  "svg",
  "canvas",
  "form",
  "dialog",
  "title",
];

/** @param whole with menus and lists, not only the main text. */
export function toMarkdown(html: string, url: string, whole: boolean): Readable {
  const page = parse(html);
  const title = page.querySelector("title")?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  const article = whole ? null : new Readability(parse(html), { charThreshold: 200, keepClasses: true }).parse();
  const text = article?.textContent?.trim() ?? "";
  for (const node of page.querySelectorAll(NOT_TEXT.join(","))) node.remove();
  const all = page.body.textContent?.trim() ?? "";
  const isArticle = article?.content != null && (text.length >= SHORT || text.length * 2 >= all.length);
  const body = isArticle ? parse(article.content).body : page.body;
  const markdown = writer(url)
    .turndown(body)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return { title, markdown };
}

/** The parser takes what is outside of `html` and `body` for something else, and pages may leave these out: each gets its own. */
function parse(html: string): PageDocument {
  const inner = html.replace(/<(?:!doctype|\/?(?:html|head|body))\b[^>]*>/gi, "");
  return parseHTML(`<!doctype html><html><head></head><body>${inner}</body></html>`).document;
}

function writer(base: string): TurndownService {
  const service = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" });
  return service
    .remove(NOT_TEXT)
    .addRule("link", {
      filter: (node) => node.nodeName === "A" && node.getAttribute("href") !== null,
      replacement: (content, node) => {
        const target = webAddress(node.getAttribute("href") ?? "", base);
        const words = content.replace(/\s+/g, " ").trim();
        return words === "" || target === undefined ? content : `[${words}](${target})`;
      },
    })
    .addRule("image", {
      filter: "img",
      replacement: (_, node) => {
        const words = (node.getAttribute("alt") ?? "").replace(/\s+/g, " ").trim();
        return words === "" ? "" : `[image: ${words}]`;
      },
    })
    .addRule("cell", {
      filter: ["th", "td"],
      replacement: (content) =>
        ` ${content
          .replace(/\s*\n\s*/g, " ")
          .replaceAll("|", "\\|")
          .trim()} |`,
    })
    .addRule("row", {
      filter: "tr",
      replacement: (content, node) => {
        const cells = node.querySelectorAll("th, td").length;
        const isHead = node.querySelector("th") !== null && node.previousElementSibling === null;
        return `|${content}\n${isHead ? `|${" --- |".repeat(cells)}\n` : ""}`;
      },
    })
    .addRule("table", {
      filter: "table",
      replacement: (content) => `\n\n${content.replace(/\n{2,}/g, "\n").trim()}\n\n`,
    })
    .addRule("part", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
}

/** Whole, and of the web: a place within the page or a script leads nowhere for a reader of its text. */
function webAddress(href: string, base: string): string | undefined {
  if (href.startsWith("#") || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}
