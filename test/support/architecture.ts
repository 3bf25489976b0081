/**
 * The layers as a table, and the functions that hold source texts to it and to the house's other rules. All pure: files in
 * as texts, complaints out as sentences, so that each rule can be shown to fail.
 */
import path from "node:path";

export type SourceFile = { readonly path: string; readonly text: string };

type Layer = {
  /** Files by the start of their path; the first layer that fits is the file's. */
  readonly at: string;
  /** Layers whose code it may import; its own is always allowed. */
  readonly code: readonly string[];
  /** Layers of which it may import types, beside those. */
  readonly types?: readonly string[];
  /** Packages at run time; `node:` stands for all of Node. */
  readonly packages: readonly string[];
  /** Packages of which it may import types, beside those. */
  readonly packageTypes?: readonly string[];
};

const everything = ["chunks", "wire", "approvals", "store", "models", "tools", "sandbox", "agent"] as const;

/** The layers of the project: what each may know. ARCHITECTURE.md says why. */
export const layers = {
  chunks: { at: "src/chunks/", code: [], packages: [] },
  wire: { at: "src/wire/", code: ["chunks"], packages: [], packageTypes: ["@anthropic-ai/sdk"] },
  approvals: { at: "src/approvals/", code: ["chunks"], packages: ["@vscode/tree-sitter-wasm"] },
  store: { at: "src/store/", code: ["chunks"], packages: ["sql.js", "node:"] },
  models: { at: "src/models/", code: ["chunks", "wire"], packages: ["@anthropic-ai/sdk"] },
  tools: {
    at: "src/tools/",
    code: ["chunks"],
    packages: [
      "@cfworker/json-schema",
      "diff",
      "node:",
      "http",
      "https",
      "@mozilla/readability",
      "linkedom",
      "turndown",
    ],
  },
  agent: {
    at: "src/agent/",
    code: ["chunks", "wire", "approvals", "models", "tools"],
    types: ["store"],
    packages: ["node:crypto", "node:events"],
  },
  sandbox: { at: "src/sandbox/", code: [], types: ["tools"], packages: ["@anthropic-ai/sandbox-runtime", "node:"] },
  host: { at: "src/host/", code: everything, packages: ["vscode", "node:"] },
  extension: { at: "src/extension.ts", code: [...everything, "host"], packages: ["vscode", "node:"] },
  headless: { at: "src/headless", code: everything, packages: ["node:"] },
  webview: {
    at: "webview/",
    code: ["chunks"],
    packages: ["preact", "@preact/signals", "marked", "lowlight", "@vscode/codicons"],
  },
} as const satisfies Readonly<Record<string, Layer>>;

/** Each import that the table does not allow, e.g. "src/wire/x.ts imports src/store/y: wire may import chunks only". */
export function brokenLayers(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const from = layerOf(file.path);
    if (from === undefined) return [`${file.path} is in no layer: give it a line in the table`];
    return importsOf(file.text).flatMap((one) => complaint(file.path, from, one));
  });
}

/** Files with more lines than `limit`. */
export function tooLong(files: readonly SourceFile[], limit: number): string[] {
  return files.flatMap((file) => {
    const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
    return lines > limit ? [`${file.path} has ${lines} lines: at most ${limit}, so that one reading holds it`] : [];
  });
}

/** Places where a forbidden pattern stands, with the reason. */
export function forbidden(files: readonly SourceFile[], pattern: RegExp, reason: string): string[] {
  return files.flatMap((file) =>
    file.text
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file.path}:${index + 1} has ${pattern.source}: ${reason}`] : [],
      ),
  );
}

/** What one list has and the other has not, as sentences. */
export function differences(what: string, manifest: readonly string[], code: readonly string[]): string[] {
  return [
    ...manifest.filter((id) => !code.includes(id)).map((id) => `${what} ${id} is in package.json but not in the code`),
    ...code.filter((id) => !manifest.includes(id)).map((id) => `${what} ${id} is in the code but not in package.json`),
  ];
}

type Import = { readonly from: string; readonly typeOnly: boolean };

/** Every import, re-export and dynamic import of a module. */
function importsOf(text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const named = code.matchAll(/^\s*(?:import|export)\s+(type\s+)?([^;"'()]*?)\s*from\s*["']([^"']+)["']/gm);
  const bare = code.matchAll(/(?:^\s*import\s*|\b(?:import|require)\s*\(\s*)["']([^"']+)["']/gm);
  return [
    ...[...named].map(([, type, names = "", from = ""]) => ({
      from,
      typeOnly: type !== undefined || onlyTypes(names),
    })),
    ...[...bare].map(([, from = ""]) => ({ from, typeOnly: false })),
  ];
}

/** Whether a list `{ type A, type B }` names types only. */
function onlyTypes(names: string): boolean {
  const list = /^\{([\s\S]*)\}$/.exec(names)?.[1];
  if (list === undefined) return false;
  return list
    .split(",")
    .filter((name) => name.trim() !== "")
    .every((name) => /^\s*type\s/.test(name));
}

type LayerName = keyof typeof layers;

function layerOf(file: string): LayerName | undefined {
  return layerNames.find((name) => file.startsWith(layers[name].at));
}

const isLayerName = (name: string): name is LayerName => name in layers;
const layerNames = Object.keys(layers).filter(isLayerName);

function complaint(file: string, from: LayerName, { from: target, typeOnly }: Import): string[] {
  const layer: Layer = layers[from];
  const allowedTypes = typeOnly ? (layer.types ?? []) : [];
  if (!target.startsWith(".")) {
    const packages = [...layer.packages, ...(typeOnly ? (layer.packageTypes ?? []) : [])];
    const fits = packages.some((name) => target === name || target.startsWith(name.endsWith(":") ? name : `${name}/`));
    return fits ? [] : [`${file} imports ${target}: ${from} may import ${listed(layer.packages)} of all packages`];
  }
  if (target.endsWith(".css"))
    return from === "webview" ? [] : [`${file} imports ${target}: only the webview has styles`];
  const resolved = path.posix.join(path.posix.dirname(file), target);
  const to = layerOf(resolved) ?? layerOf(`${resolved}.ts`) ?? layerOf(`${resolved}/`);
  if (to === from) return [];
  if (to !== undefined && [...layer.code, ...allowedTypes].includes(to)) return [];
  const types = layer.types === undefined ? "" : ` (and types of ${layer.types.join(", ")})`;
  return [`${file} imports ${resolved}: ${from} may import ${listed(layer.code)}${types}`];
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  return names.length === 1 ? `only ${names[0]}` : `only ${names.join(", ")}`;
}
