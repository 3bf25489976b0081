/**
 * One of several processes that want to own the same log. Each round starts at the same moment, by the clock. An owner
 * writes its name into the log, once, and reports; it keeps the log until the next line on stdin, then ends or gives up.
 */
import { createInterface } from "node:readline";
import { nodeFs } from "../../src/store/fs";
import { ownIdentity } from "../../src/store/identity";
import { claimLog, releaseLog } from "../../src/store/owner";

let token = "";
let folder = "";

/** Lines: `claim FOLDER TOKEN TIME`, `release`, `die`. */
createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, ...rest] = line.split(" ");
  if (word === "claim") {
    const [where = "", name = "", time = ""] = rest;
    folder = where;
    token = name;
    while (Date.now() < Number(time)) {
      // All processes start together, as exactly as the clock allows.
    }
    console.log(claimLog(nodeFs, folder, ownIdentity(token)).kind);
  }
  if (word === "release") {
    releaseLog(nodeFs, folder, token);
    console.log("released");
  }
  if (word === "die") process.kill(process.pid, "SIGKILL");
});
