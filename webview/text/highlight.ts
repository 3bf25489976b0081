/** Colours for code, as scopes that style/code.css maps to theme variables. */
import { common, createLowlight } from "lowlight";

/** Code as a tree of text and spans; a span's `scope` is a class name of highlight.js without its prefix. */
export type Colored = string | { readonly scope: string; readonly children: readonly Colored[] };

/** Beyond this many characters a block stays plain: colouring would hold up the frame. */
const LIMIT = 60_000;

const lowlight = createLowlight(common);

/** @returns the coloured code, or undefined when the language is unknown or the code too long. */
export function highlight(code: string, language: string): readonly Colored[] | undefined {
  if (code.length > LIMIT || !lowlight.registered(language)) {
    return undefined;
  }
  return lowlight.highlight(language, code).children.flatMap(convert);
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function convert(node: Node): Colored[] {
  if (node.type === "text") {
    return [node.value];
  }
  if (node.type !== "element") {
    return [];
  }
  const names = node.properties.className;
  const scope = Array.isArray(names) ? String(names[0] ?? "").replace(/^hljs-/, "") : "";
  return [{ scope, children: node.children.flatMap(convert) }];
}
