/** `npm run simulator`: the simulator as a process of its own, until it is interrupted. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { demoScenario, readablePace } from "./demo";
import type { Scenario } from "./scenario";
import { readScenario } from "./scenario-file";
import { startSimulator } from "./server";
import { isSkinName, skins } from "./skins";

const usage = `Usage: npm run simulator -- [--port N] [--scenario FILE] [--skin NAME] [--pace MS]
  --port N         default 0: any free port
  --scenario FILE  JSON, see docs/SIMULATOR.md; default: the demo model
  --skin NAME      ${Object.keys(skins).join(", ")}
  --pace MS        milliseconds between two events`;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      scenario: { type: "string" },
      skin: { type: "string" },
      pace: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const skin = values.skin ?? "anthropic";
  if (!isSkinName(skin)) throw new Error(`There is no skin "${skin}".\n${usage}`);
  const pace = number(values.pace, "--pace");
  const simulator = await startSimulator({
    scenario: values.scenario === undefined ? demoScenario(pace ?? readablePace) : load(values.scenario),
    skin,
    port: number(values.port, "--port") ?? 0,
    ...(pace === undefined ? {} : { pace }),
    keepBodies: 20,
  });
  console.log(`simulator listening on ${simulator.url}`);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void simulator.close());
}

/** @throws a sentence that names the file and the place in it. */
function load(file: string): Scenario {
  const text = read(file);
  const scenario = readScenario(text);
  if ("problem" in scenario) throw new Error(`${file}: ${scenario.problem}`);
  return scenario.script;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`The scenario ${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function number(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 0)
    throw new Error(`${name} takes a whole number, not "${value}".\n${usage}`);
  return parsed;
}
