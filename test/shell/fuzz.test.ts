import assert from "node:assert/strict";
import { makeCanary } from "./canary";
import { fuzz } from "./fuzz";
import { makeRepository } from "./repository";

describe("changed commands", () => {
  it("would be seen where they do more: each of these leaves a trace, and reading does not", () => {
    const reading = ["ls", "git status", "cat README.md", "rg foo"];
    const acting = [
      "touch p",
      "echo x > p",
      "whoops",
      "cat ../secret.txt",
      "echo $CANARY_TOKEN",
      "git tag v1",
      "sed -i s/a/b/ README.md",
      "find . -exec ./canary \\;",
    ];
    for (const one of acting) {
      const repository = makeRepository();
      try {
        const canary = makeCanary(repository);
        assert.deepEqual(canary.run(reading), []);
        assert.deepEqual(canary.run([one]), [one]);
      } finally {
        repository.remove();
      }
    }
  });

  it("do nothing but read where they are allowed, in a real bash", async function () {
    this.timeout(180_000);
    const { allowed, found } = await fuzz(3_000, 7);
    assert.deepEqual(found, []);
    assert.ok(allowed > 200, `${allowed} are allowed at all`);
  });
});
