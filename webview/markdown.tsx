/** Markdown to vnodes. Nothing is ever parsed as HTML: a tag in the text is shown as the text that it is. */

import type { MarkedToken, Token, Tokens } from "marked";
import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";
import { assertNever } from "../src/chunks/rows";
import { memo } from "./memo";
import { CodeBlock } from "./parts/code-block";
import { Icon } from "./parts/icon";
import { Link } from "./parts/link";
import { decodeEntities } from "./text/entities";
import { isClosedFence, isKnown, type Lexed, lex } from "./text/lex";
import { fileMention, linkTarget } from "./text/links";

/** A text that may still grow: only its last blocks are lexed and drawn again. */
export const Markdown = memo(
  (props: { readonly text: string; readonly live: boolean; readonly row?: number | undefined }) => {
    const { text, live, row } = props;
    const lexed = useRef<Lexed | undefined>(undefined);
    // When the text is complete it is lexed once as a whole.
    lexed.current = live ? lex(text, lexed.current) : settle(text, lexed.current);
    return (
      <div class="markdown" data-row={row}>
        {lexed.current.blocks.map((block) => (
          <BlockView key={block.start} token={block.token} />
        ))}
      </div>
    );
  },
);

const BlockView = memo(({ token }: { readonly token: MarkedToken }) => <>{drawBlock(token)}</>);

/** The whole text lexed anew, with the objects of before where nothing changed. */
function settle(text: string, previous: Lexed | undefined): Lexed {
  const whole = lex(text);
  if (previous === undefined) {
    return whole;
  }
  const old = new Map(previous.blocks.map((block) => [block.start, block]));
  const blocks = whole.blocks.map((block) => {
    const before = old.get(block.start);
    return before !== undefined && JSON.stringify(before.token) === JSON.stringify(block.token) ? before : block;
  });
  return { source: whole.source, blocks };
}

/** Draws one block token, or an inline token that stands where a block may stand (in a tight list). */
export function drawBlock(token: MarkedToken): ComponentChild {
  switch (token.type) {
    case "paragraph":
      return <p dir="auto">{drawInline(token.tokens)}</p>;
    case "heading":
      return drawHeading(token);
    case "code":
      return (
        <CodeBlock
          code={token.text}
          language={/^[^\s{]*/.exec(token.lang ?? "")?.[0] ?? ""}
          closed={isClosedFence(token.raw)}
        />
      );
    case "blockquote":
      return <blockquote dir="auto">{drawBlocks(token.tokens)}</blockquote>;
    case "list":
      return drawList(token);
    case "list_item":
      return drawListItem(token);
    case "table":
      return drawTable(token);
    case "hr":
      return <hr />;
    case "html":
      return token.block ? <p class="raw-html">{token.text.trimEnd()}</p> : token.text;
    case "space":
    case "def":
      return null;
    case "text":
      return token.tokens === undefined ? <p dir="auto">{plainText(token)}</p> : drawInline(token.tokens);
    case "br":
    case "checkbox":
    case "codespan":
    case "del":
    case "em":
    case "escape":
    case "image":
    case "link":
    case "strong":
      return drawInline([token]);
    default:
      return assertNever(token);
  }
}

function drawBlocks(tokens: readonly Token[]): ComponentChild[] {
  return tokens.filter(isKnown).map(drawBlock);
}

function drawInline(tokens: readonly Token[]): ComponentChild[] {
  return tokens.filter(isKnown).map(drawSpan);
}

function drawSpan(token: MarkedToken): ComponentChild {
  switch (token.type) {
    case "text":
      return token.tokens === undefined ? plainText(token) : drawInline(token.tokens);
    case "escape":
      return token.text;
    case "strong":
      return <strong>{drawInline(token.tokens)}</strong>;
    case "em":
      return <em>{drawInline(token.tokens)}</em>;
    case "del":
      return <del>{drawInline(token.tokens)}</del>;
    case "br":
      return <br />;
    case "codespan":
      return drawCodeSpan(token);
    case "link":
      return drawLink(token);
    case "image":
      return drawImage(token);
    case "checkbox":
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? "done" : "open"} />;
    case "html":
      return token.text;
    default:
      return drawBlock(token);
  }
}

/** `escaped` says that the text holds no character references any more. */
function plainText(token: Tokens.Text): string {
  return token.escaped === true ? token.text : decodeEntities(token.text);
}

function drawHeading(token: Tokens.Heading): ComponentChild {
  const Tag = HEADINGS[Math.min(token.depth, HEADINGS.length) - 1] ?? "h6";
  return <Tag dir="auto">{drawInline(token.tokens)}</Tag>;
}

/** The view's own headings end at h2. */
const HEADINGS = ["h3", "h4", "h5", "h6"] as const;

function drawList(token: Tokens.List): ComponentChild {
  const items = token.items.map(drawListItem);
  return token.ordered ? (
    <ol dir="auto" start={token.start === "" ? 1 : token.start}>
      {items}
    </ol>
  ) : (
    <ul dir="auto">{items}</ul>
  );
}

function drawListItem(item: Tokens.ListItem): ComponentChild {
  return <li class={item.task ? "task" : undefined}>{drawBlocks(item.tokens)}</li>;
}

function drawTable(token: Tokens.Table): ComponentChild {
  const cell = (Tag: "th" | "td", content: Tokens.TableCell) => (
    <Tag dir="auto" class={content.align === null ? undefined : `align-${content.align}`}>
      {drawInline(content.tokens)}
    </Tag>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section class="table-box" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>{token.header.map((content) => cell("th", content))}</tr>
        </thead>
        <tbody>
          {token.rows.map((row) => (
            <tr>{row.map((content) => cell("td", content))}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function drawCodeSpan(token: Tokens.Codespan): ComponentChild {
  const target = fileMention(token.text);
  const code = <code dir="ltr">{token.text}</code>;
  return target === undefined ? code : <Link target={target}>{code}</Link>;
}

function drawLink(token: Tokens.Link): ComponentChild {
  const target = linkTarget(token.href);
  const content = drawInline(token.tokens);
  return target === undefined ? (
    <span title={decodeEntities(token.href)}>{content}</span>
  ) : (
    <Link target={target}>{content}</Link>
  );
}

/** Images are never loaded: their address could carry the conversation away. */
function drawImage(token: Tokens.Image): ComponentChild {
  const target = linkTarget(token.href);
  const words = decodeEntities(token.text);
  const content = (
    <>
      <Icon name="file-media" /> {words === "" ? "Image" : words}{" "}
      <span class="dim">({decodeEntities(token.href)})</span>
    </>
  );
  return <span class="image-link">{target === undefined ? content : <Link target={target}>{content}</Link>}</span>;
}
