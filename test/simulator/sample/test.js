const { greet } = require("./src/greeting.js");

const cases = [
  ["a plain greeting without an hour", greet("Ada"), "Hello, Ada!"],
  ["a name as it is written", greet("Čapek"), "Hello, Čapek!"],
  ["a greeting that fits the morning", greet("Ada", 9), "Good morning, Ada!"],
];

let failed = 0;
for (const [what, got, wanted] of cases) {
  const ok = got === wanted;
  if (!ok) failed++;
  console.log(`${ok ? "ok" : "not ok"} - ${what}${ok ? "" : `: wanted "${wanted}", got "${got}"`}`);
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
