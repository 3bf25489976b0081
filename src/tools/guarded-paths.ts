/**
 * Files whose change lets something run later or weakens a decision: the editor's, git's and CI's configuration, agent
 * instructions, build manifests, shell start files. Writing them is always asked. Pure; errs towards guarding.
 */

/**
 * @param path below the workspace where it is inside, else absolute; either slash separates.
 * @returns a sentence for the card, or undefined when the path is an ordinary one. Compares without regard to case,
 * width, invisible characters and trailing dots or blanks, on every system: a disk may do the same.
 */
export function guardOf(path: string): string | undefined {
  const segments = segmentsOf(path);
  if (segments.some((segment) => WINDOWS_ALIAS.test(segment))) {
    return "Its name means another file or a device on Windows.";
  }
  const name = segments.at(-1) ?? "";
  const folders = segments.join("/");
  const rule = RULES.find(
    ({ inFolder, names, pattern }) =>
      inFolder?.some((folder) => `/${folders}/`.includes(`/${folder}/`)) ||
      names?.includes(name) ||
      pattern?.test(name),
  );
  return rule?.why;
}

/** Trailing dots and blanks are cut by Windows, invisible characters are skipped by HFS+ (CVE-2014-9390). */
function segmentsOf(path: string): readonly string[] {
  const plain = path
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .toLowerCase();
  const segments: string[] = [];
  for (const part of plain.split(/[/\\]/)) {
    if (part === "" || part === ".") continue;
    if (part === "..") segments.pop();
    else segments.push(WINDOWS_ALIAS.test(part) ? part : part.replace(/[. ]+$/, ""));
  }
  return segments;
}

/** Streams, short names (`GIT~1`), device names, trailing dots and blanks: names that NTFS reads as something else. */
export const WINDOWS_ALIAS =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)|(?<!^[a-z]):|:(?=.)|~\d|[. ]$/i;

type Rule = {
  /** The folder itself and everything below it, wherever it is. */
  readonly inFolder?: readonly string[];
  readonly names?: readonly string[];
  readonly pattern?: RegExp;
  readonly why: string;
};

const RULES: readonly Rule[] = [
  {
    inFolder: [".vscode", ".vscode-server", ".idea", ".devcontainer"],
    pattern: /\.code-workspace$/,
    names: [".devcontainer.json"],
    why: "It configures the editor, which can make it run programs.",
  },
  {
    inFolder: [".git"],
    names: [".gitattributes", ".gitmodules", ".gitconfig", ".git-credentials"],
    why: "It belongs to git's own files, which can make git run programs.",
  },
  {
    inFolder: [".github/workflows", ".github/actions", ".circleci", ".gitlab"],
    names: [
      ".gitlab-ci.yml",
      ".gitlab-ci.yaml",
      ".travis.yml",
      "azure-pipelines.yml",
      "jenkinsfile",
      ".pre-commit-config.yaml",
    ],
    why: "It configures automated runs (CI), which act with the project's rights.",
  },
  {
    inFolder: [
      ".cursor",
      ".roo",
      ".claude",
      ".codex",
      ".continue",
      ".clinerules",
      ".windsurf",
      ".dispatch",
      ".github/instructions",
    ],
    names: [
      "agents.md",
      "agent.md",
      "agents.override.md",
      "claude.md",
      "claude.local.md",
      "gemini.md",
      "copilot-instructions.md",
      ".mcp.json",
      "mcp.json",
      ".cursorrules",
      ".windsurfrules",
    ],
    pattern: /^\.(?:clinerules|roorules)/,
    why: "It instructs or configures coding agents.",
  },
  {
    pattern:
      /^(?:\.eslintrc(?:\..*)?|\.prettierrc\.[cm]?[jt]s|(?:eslint|prettier|stylelint|tailwind|postcss|jest|vitest|svelte|astro)\.config\.[cm]?[jt]s)$/,
    why: "It is run by the editor's linters, formatters and test runners by themselves.",
  },
  {
    inFolder: [".husky"],
    why: "It holds hooks that run by themselves.",
  },
  {
    names: [".envrc"],
    pattern: /^\.env(?:\.|$)/,
    why: "It sets the environment of programs and often holds secrets.",
  },
  {
    names: [
      "package.json",
      "package-lock.json",
      "npm-shrinkwrap.json",
      "yarn.lock",
      "pnpm-lock.yaml",
      "pnpm-workspace.yaml",
      "bun.lock",
      "bun.lockb",
      ".npmrc",
      ".yarnrc",
      ".yarnrc.yml",
      ".pnpmfile.cjs",
      "deno.json",
      "deno.lock",
      "makefile",
      "gnumakefile",
      "justfile",
      "cmakelists.txt",
      "build.rs",
      "cargo.toml",
      "cargo.lock",
      "go.mod",
      "go.sum",
      "pyproject.toml",
      "setup.py",
      "setup.cfg",
      "poetry.lock",
      "uv.lock",
      "pipfile",
      "pipfile.lock",
      "requirements.txt",
      "conftest.py",
      "sitecustomize.py",
      "gemfile",
      "gemfile.lock",
      "rakefile",
      "composer.json",
      "composer.lock",
      "pom.xml",
      "gradlew",
      "gradlew.bat",
      "mvnw",
      "mvnw.cmd",
      "dockerfile",
      "docker-compose.yml",
      "docker-compose.yaml",
      "compose.yml",
      "compose.yaml",
    ],
    pattern: /\.(?:gradle|gradle\.kts|targets|props|csproj|vbproj|fsproj|sln|mk)$/,
    why: "It says what building, installing or testing runs.",
  },
  {
    inFolder: [".config/fish", ".config/autostart", ".config/systemd", "library/launchagents"],
    names: [
      ".bashrc",
      ".bash_profile",
      ".bash_login",
      ".bash_logout",
      ".bash_aliases",
      ".profile",
      ".zshrc",
      ".zshenv",
      ".zprofile",
      ".zlogin",
      ".zlogout",
      ".kshrc",
      ".cshrc",
      ".tcshrc",
      ".login",
      ".inputrc",
      ".xprofile",
      ".xinitrc",
      ".xsessionrc",
      ".vimrc",
      ".ripgreprc",
      "config.fish",
      "profile.ps1",
      "microsoft.powershell_profile.ps1",
    ],
    why: "It runs whenever a shell or a session starts.",
  },
  {
    inFolder: [".ssh", ".gnupg", ".aws", ".kube", ".docker"],
    names: [".netrc", "_netrc", ".pypirc"],
    why: "It holds credentials or says how to use them.",
  },
];
