/** What of others is shipped, under which licence: the text of ThirdPartyNotices.txt. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** What a package's own files leave out: whose a licence without a text is, and what is compiled into a binary. */
const alsoSay = new Map([
  [
    "@cfworker/json-schema",
    [
      "Copyright (c) Jeremy Danyow",
      "Parts of it come from punycode.js (MIT), copyright Mathias Bynens <https://mathiasbynens.be/>,",
      "and from ajv (MIT), copyright (c) 2015-2021 Evgeny Poberezkin.",
    ],
  ],
  ["standardwebhooks", ["Copyright (c) 2023 Svix (https://www.svix.com)"]],
  [
    "sql.js",
    [
      "sql-wasm.wasm holds SQLite, which is in the public domain, and the run-time library of Emscripten (MIT),",
      "copyright (c) 2010-2014 Emscripten authors, with musl (MIT), copyright (c) 2005-2020 Rich Felker, et al.",
    ],
  ],
  [
    "@vscode/tree-sitter-wasm",
    [
      "tree-sitter-bash.wasm holds the grammar tree-sitter-bash (MIT), copyright (c) 2017 Max Brunsfeld, tree-sitter.wasm",
      "tree-sitter (MIT), copyright (c) 2018-2024 Max Brunsfeld, and the run-time library of Emscripten (MIT), copyright",
      "(c) 2010-2014 Emscripten authors, with musl (MIT), copyright (c) 2005-2020 Rich Felker, et al.",
    ],
  ],
  [
    "@anthropic-ai/sandbox-runtime",
    [
      "The program apply-seccomp holds parts of the GNU C Library (LGPL-2.1-or-later, https://sourceware.org/glibc).",
      "Its source is that package's vendor/seccomp-src, at the address above. The words of the LGPL:",
      "",
      ownText("scripts/licences/LGPL-2.1.txt"),
    ],
  ],
]);

/**
 * Names each package of which the bundler has read a file: a few of those may have been left out as unused.
 * The same text for the same packages, whatever machine it is built on.
 * @param {Iterable<string>} files what is bundled or copied; what is not in node_modules is the project's own
 * @throws when a package says nothing of its licence: it must not be shipped like that
 */
export function thirdPartyNotices(files) {
  const folders = new Set([...files].flatMap((file) => packageFolder(file.replaceAll("\\", "/")) ?? []));
  const entries = [...new Map([...folders].map(entry))].sort(([a], [b]) => (a < b ? -1 : 1));
  const rule = "=".repeat(80);
  const texts = entries.map(([title, text]) => `${rule}\n${title}\n${rule}\n\n${text}\n`);
  return `Dispatch ships the following packages of others, whole or in part.\n\n${texts.join("\n")}`;
}

/** @param {string} file @returns {string | undefined} */
function packageFolder(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** @param {string} folder @returns {[title: string, text: string]} */
function entry(folder) {
  const { name, version, license, homepage, repository } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  );
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|third-?party)/i.test(file))
    .sort()
    .map((file) => plain(readFileSync(path.join(folder, file), "utf8")));
  const more = alsoSay.get(name)?.join("\n");
  if (typeof license !== "string" || (texts.length === 0 && (license !== "MIT" || more === undefined)))
    throw new Error(`${name} is shipped and has no text of its licence: say in scripts/third-party.mjs what holds`);
  const head = [`Licence: ${license}`, homepage ?? repository?.url ?? repository].filter(Boolean).join("\n");
  const parts = [head, more, ...(texts.length > 0 ? texts : [mit()])].filter((part) => part !== undefined);
  return [`${name} ${version}`, parts.join("\n\n")];
}

/** The words of the MIT licence behind the line of the copyright, which are the same everywhere. */
function mit() {
  const own = ownText("LICENSE");
  return own.slice(own.indexOf("Permission is hereby granted"));
}

/** @param {string} file in the project's folder */
function ownText(file) {
  return plain(readFileSync(path.resolve(import.meta.dirname, "..", file), "utf8"));
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .trim();
}
