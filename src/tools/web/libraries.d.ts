/**
 * The part of the page libraries that is used. Their own types need those of a browser, which nothing here may use by
 * accident. Turndown comes in its build without a parser of its own: it gets nodes, not text.
 */
declare module "linkedom" {
  export interface PageElement {
    readonly nodeName: string;
    readonly textContent: string | null;
    readonly previousElementSibling: PageElement | null;
    getAttribute(name: string): string | null;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
    remove(): void;
  }
  export interface PageDocument {
    readonly body: PageElement;
    querySelector(selector: string): PageElement | null;
    querySelectorAll(selector: string): Iterable<PageElement>;
  }
  export function parseHTML(html: string): { readonly document: PageDocument };
}

declare module "@mozilla/readability" {
  import type { PageDocument } from "linkedom";
  export class Readability {
    constructor(document: PageDocument, options: { readonly charThreshold: number; readonly keepClasses: boolean });
    parse(): {
      readonly content?: string | null;
      readonly textContent?: string | null;
    } | null;
  }
}

declare module "turndown/lib/turndown.browser.cjs.js" {
  import type { PageElement } from "linkedom";

  type Rule = {
    readonly filter: string | readonly string[] | ((node: PageElement) => boolean);
    readonly replacement: (content: string, node: PageElement) => string;
  };
  class TurndownService {
    constructor(options: Readonly<Record<string, string>>);
    addRule(name: string, rule: Rule): this;
    remove(filter: readonly string[]): this;
    turndown(node: PageElement): string;
  }
  export = TurndownService;
}
