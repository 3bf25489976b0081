/**
 * The demo model: scripted and offline, but not blind. It goes by what the tools really returned, says so when a call was
 * denied or failed, and says what it is.
 */
import { call, type Reply, type ReplyBlock, reply, text, thinking } from "./reply";
import type { ScenarioFunction, ScenarioRequest, ToolOutcome } from "./scenario";
import { textOf } from "./types";

/** About 75 tokens a second: an event carries about one token. */
export const readablePace = 13;

/** @param pace milliseconds between two events. */
export function demoScenario(pace = readablePace): ScenarioFunction {
  return (request) => ({ ...next(request), pace });
}

const source = "src/greeting.js";
const before = `/** Greets someone by name. */
function greet(name) {
  return \`Hello, \${name}!\`;
}`;
const after = `/** The greeting for an hour from 0 to 23; the plain one when it is not given. */
function greetingFor(hour) {
  if (hour === undefined) return "Hello";
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}

/** Greets someone by name, and by the time of day when the hour is given. */
function greet(name, hour) {
  return \`\${greetingFor(hour)}, \${name}!\`;
}`;

function next(request: ScenarioRequest): Reply {
  if (!request.toolNames.includes("read_file")) return reply(text(`I have no tools here. ${introduction}`));
  if (request.turn > 0) return again(request);
  if (request.step === 0) return start();
  const readme = find(request, "read_file", "README.md");
  return readme !== undefined && !readme.isError && readme.text.includes(source) ? sampleTask(request) : tour(request);
}

function start(): Reply {
  return reply(
    thinking(
      "I can't see the project yet. The list of files and the README will tell what it is; I can ask for both at once.",
    ),
    text(
      "Hello! I am Dispatch's **demo model**: scripted and offline, so I can't follow your words, but every tool I call is real. Let me look around first.",
    ),
    call("list_files", { path: "." }),
    call("read_file", { path: "README.md" }),
  );
}

function sampleTask(request: ScenarioRequest): Reply {
  const file = find(request, "read_file", source);
  const edit = find(request, "edit_file");
  const run = find(request, "run_shell");
  if (file === undefined) {
    return reply(
      thinking(`The README names a wish: greet by the time of day. The function is in ${source}.`),
      text(`The README has a wish: a greeting that fits the time of day. The code is in \`${source}\`.`),
      call("read_file", { path: source }),
    );
  }
  if (file.isError) return stopped(file, "add a greeting by the time of day");
  if (file.text.includes("greetingFor") && run === undefined && edit === undefined)
    return runTests("The wish is already met, so I only run the tests.");
  if (edit === undefined && run === undefined) {
    return reply(
      thinking(
        "An optional second argument keeps every present call as it is. A helper for the words keeps greet on one line.",
      ),
      text(
        "I add an optional `hour`, so that calls without it stay as they are. This changes a file, so you are asked first.",
      ),
      call("edit_file", {
        path: source,
        edits: [
          { old_text: before, new_text: after },
          { old_text: "module.exports = { greet };", new_text: "module.exports = { greet, greetingFor };" },
        ],
      }),
    );
  }
  if (edit?.isError === true)
    return stopped(edit, `add an optional \`hour\` to \`greet\` in \`${source}\`, like this`, after);
  return run === undefined ? runTests("Done. Now the tests, to see whether it holds.") : summary(request, edit, run);
}

function runTests(why: string): Reply {
  return reply(text(why), call("run_shell", { command: "node test.js" }));
}

function summary(request: ScenarioRequest, edit: ToolOutcome | undefined, run: ToolOutcome): Reply {
  const changed = edit === undefined ? "nothing: the wish was met before" : `\`greet\` takes an optional hour`;
  return reply(
    text(`## ${run.isError ? "The change is made, the tests are open" : "The wish is met"}

- **Changed:** ${changed}
- **Kept:** \`greet("Ada")\` says what it said before
- **Tests:** ${testLine(run)}

\`\`\`js
const { greet } = require("./src/greeting.js");

greet("Ada");     // Hello, Ada!
greet("Ada", 9);  // Good morning, Ada!
\`\`\`

| Step | Tool | Result |
| --- | --- | --- |
${request.results.map((result, index) => `| ${index + 1} | \`${result.name}\` | ${outcomeWord(result)} |`).join("\n")}
${heard(request)}
${introduction}`),
  );
}

/** How the tests went, by what the run printed. */
function testLine(run: ToolOutcome): string {
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(run.text) ?? [];
  if (wasDenied(run)) return "were not run: you denied it";
  if (passed === undefined) return `gave no result: ${firstLine(run.text)}`;
  return run.isError ? `ended with **${failed} failed**, ${passed} passed` : `all pass (${passed} of ${passed})`;
}

/** In a project that is not the sample: look, change nothing. */
function tour(request: ScenarioRequest): Reply {
  const list = find(request, "list_files");
  const readme = find(request, "read_file", "README.md");
  const run = find(request, "run_shell");
  const other = request.results.find((result) => result.name === "read_file" && result.input.path !== "README.md");
  const names = list === undefined || list.isError ? [] : fileNames(list.text);
  const pick = names.find((name) => name === "package.json") ?? names.find((name) => readable.test(name));
  if (request.step === 1 && pick !== undefined) {
    return reply(
      thinking("This is not the sample project, so I only look and change nothing."),
      text(
        `This is a project of your own, so I change nothing in it and only show how reading looks. \`${pick}\` is next.`,
      ),
      call("read_file", { path: pick }),
    );
  }
  if (run === undefined && request.toolNames.includes("run_shell")) {
    return reply(
      text("One command that only reads. You are asked before it runs."),
      call("run_shell", { command: "git status" }),
    );
  }
  const lines = other === undefined || other.isError ? "" : `, ${other.text.split("\n").length} lines of answer`;
  return reply(
    text(`## What I saw

- **Files at the top:** ${
      names.length === 0
        ? "none that I could list"
        : names
            .slice(0, 8)
            .map((name) => `\`${name}\``)
            .join(", ")
    }
- **README.md:** ${readme === undefined || readme.isError ? "could not be read" : "read"}
- **Another file:** ${other === undefined ? "none was fit to read" : `\`${textOf(other.input.path)}\`${lines}`}
- **git status:** ${run === undefined ? "not run" : runLine(run)}
${heard(request)}
${introduction}`),
  );
}

/** Later messages: one small look, one short answer. */
function again(request: ScenarioRequest): Reply {
  const path = /[\w./-]+\.[a-z]{1,5}\b/i.exec(request.userText)?.[0];
  const result = request.results.at(-1);
  if (result === undefined) {
    const look: ReplyBlock = path === undefined ? call("list_files", { path: "." }) : call("read_file", { path });
    return reply(
      thinking("A short look is all that I can do about it."),
      text(path === undefined ? "I look at how the folder stands now." : `I look at \`${path}\`.`),
      look,
    );
  }
  if (result.isError) return stopped(result, "have a look");
  const found =
    result.name === "list_files"
      ? `There are **${fileNames(result.text).length} entries** at the top of the project.`
      : `I read \`${textOf(result.input.path)}\`, ${result.text.split("\n").length} lines of answer.`;
  return reply(text(`${found} That is as far as a script goes.${heard(request)}\n\n${introduction}`));
}

/** What is said when a call did not go through: why, and what it would have done. */
function stopped(result: ToolOutcome, plan: string, code = ""): Reply {
  const denied = wasDenied(result);
  const said = /said: (.+)/.exec(result.text)?.[1];
  const why = denied
    ? `You denied \`${result.name}\`${said === undefined ? "" : ` and said: "${said}"`}, so I leave it at that.`
    : `\`${result.name}\` did not work: ${firstLine(result.text)}`;
  const shown = code === "" ? "." : `:\n\n\`\`\`js\n${code}\n\`\`\``;
  return reply(
    text(`${why} Nothing was changed by this call.\n\nI would have used it to ${plan}${shown}\n\n${introduction}`),
  );
}

const introduction =
  "*I am the demo model: a script, offline. For a real one, run **Dispatch: Set API Key** from the command palette.*";

const readable = /\.(md|txt|json|js|mjs|cjs|ts|tsx|py|rs|go|java|c|h|cpp|rb|toml|yaml|yml)$/i;

/** The newest result of this tool in this turn, for this path where one is given. */
function find(request: ScenarioRequest, name: string, path?: string): ToolOutcome | undefined {
  return request.results.findLast(
    (result) => result.name === name && (path === undefined || result.input.path === path),
  );
}

/** Names in a listing, without the sizes beside them. */
function fileNames(listing: string): readonly string[] {
  const lines = listing.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("["));
  return lines.map((line) => line.trim().split(/\s{2,}/)[0] ?? "");
}

function outcomeWord(result: ToolOutcome): string {
  if (!result.isError) return "done";
  return wasDenied(result) ? "denied" : "failed";
}

/** Denied by the person or by a rule; a command's own "permission denied" is neither. */
function wasDenied(result: ToolOutcome): boolean {
  return result.isError && /denied (this|the|by)|not allowed by/i.test(result.text);
}

function runLine(run: ToolOutcome): string {
  if (!run.isError) return "ran, its output is in the card above";
  return wasDenied(run) ? "you denied it; it would have shown what git has to say" : firstLine(run.text);
}

function firstLine(value: string): string {
  return value.trim().split("\n", 1)[0] ?? "";
}

/** Words that came while the turn was running. */
function heard(request: ScenarioRequest): string {
  const said = request.steering.at(-1);
  return said === undefined
    ? ""
    : `\nYou wrote meanwhile: "${firstLine(said)}". A script can only say that it arrived.\n`;
}
