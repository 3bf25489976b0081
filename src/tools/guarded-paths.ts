/**
 * Files whose change lets something run later or weakens a decision: the editor's, git's and CI's configuration, agent
 * instructions, build manifests, shell start files. Writing them is always asked. Pure; errs towards guarding.
 */
import { buildFilePattern, buildFiles, buildFolders } from "./build-files";

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
    inFolder: [".vscode", ".vscode-server", ".idea", ".devcontainer", ".zed", ".fleet", ".vs", ".codesandbox"],
    pattern: /\.(?:code-workspace|sublime-project)$/,
    names: [".devcontainer.json", ".exrc", ".nvimrc", ".nvim.lua", ".dir-locals.el", ".gitpod.yml", ".replit"],
    why: "It configures the editor, which can make it run programs.",
  },
  {
    inFolder: [".git", ".config/git"],
    names: [".gitattributes", ".gitmodules", ".gitconfig", ".git-credentials"],
    why: "It belongs to git's own files, which can make git run programs.",
  },
  {
    inFolder: [".hg", ".svn", ".jj", ".bzr"],
    names: [".hgrc"],
    why: "It belongs to a version control's own files, which can make it run programs.",
  },
  {
    inFolder: [".github/workflows", ".github/actions", ".circleci", ".gitlab", ".buildkite", ".woodpecker"],
    names: [
      ".gitlab-ci.yml",
      ".gitlab-ci.yaml",
      ".travis.yml",
      "azure-pipelines.yml",
      "jenkinsfile",
      "bitbucket-pipelines.yml",
      "cloudbuild.yaml",
      "cloudbuild.yml",
      "renovate.json",
      "dependabot.yml",
    ],
    pattern: /^(?:\.?(?:drone|woodpecker|appveyor)|action)\.ya?ml$/,
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
      ".gemini",
      ".kiro",
      ".opencode",
      ".amazonq",
      ".junie",
      ".copilot",
      ".trae",
      ".augment",
      ".factory",
      ".qwen",
      ".qoder",
      ".kilocode",
      ".goose",
      ".crush",
      ".amp",
      ".openhands",
      ".agents",
      ".github/instructions",
      ".github/prompts",
      ".github/chatmodes",
      ".github/agents",
      ".github/skills",
    ],
    names: [
      "agents.md",
      "agent.md",
      "agents.override.md",
      "claude.md",
      "claude.local.md",
      "gemini.md",
      "qwen.md",
      "skill.md",
      "opencode.json",
      "opencode.jsonc",
      "crush.json",
      ".crush.json",
      "warp.md",
      ".goosehints",
      ".rules",
      "copilot-instructions.md",
      ".mcp.json",
      "mcp.json",
      ".cursorrules",
      ".windsurfrules",
    ],
    pattern: /^\.(?:clinerules|roorules|aider)/,
    why: "It instructs or configures coding agents.",
  },
  {
    pattern:
      /^(?:\.eslintrc(?:\..*)?|\.prettierrc\.[cm]?[jt]s|\.rubocop\.yml|\.rspec|\.php-cs-fixer(?:\.dist)?\.php|\.formatter\.exs|\.clangd|(?:eslint|prettier|stylelint|tailwind|postcss|jest|vitest|svelte|astro)\.config\.[cm]?[jt]s)$/,
    why: "It is run by the editor's linters, formatters and test runners by themselves.",
  },
  {
    inFolder: ["node_modules", ".venv", "venv", "site-packages", "vendor/bundle", "__pycache__"],
    why: "It belongs to installed packages, which the editor's extensions and the project's programs run.",
  },
  {
    inFolder: [".husky", ".githooks", ".git-hooks"],
    pattern: /^(?:\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.pre-commit-config\.ya?ml)$/,
    why: "It holds hooks that run by themselves.",
  },
  {
    names: [".envrc", ".flaskenv"],
    pattern: /^\.env(?:\.|$)/,
    why: "It sets the environment of programs and often holds secrets.",
  },
  {
    inFolder: buildFolders,
    names: buildFiles,
    pattern: buildFilePattern,
    why: "It says what building, installing or testing runs.",
  },
  {
    inFolder: [".config/fish", ".config/autostart", ".config/systemd", ".config/nvim", ".vim", "library/launchagents"],
    names: [
      ".profile",
      ".login",
      ".logout",
      ".inputrc",
      ".xprofile",
      ".xinitrc",
      ".xsession",
      ".pam_environment",
      ".vimrc",
      ".tmux.conf",
      ".gdbinit",
      ".lldbinit",
      ".rprofile",
      "config.fish",
      "profile.ps1",
    ],
    pattern: /^\.(?:bash|z|k|c|tc|mk)(?:sh)?_?(?:rc|env|profile|login|logout|aliases)$|_profile\.ps1$/,
    why: "It runs whenever a shell or a session starts.",
  },
  {
    pattern: /^\.[\w-]+rc(?:\.(?:[cm]?[jt]s|json|ya?ml))?$/,
    why: "It configures a program, which can make it run others.",
  },
  {
    inFolder: [".ssh", ".gnupg", ".aws", ".kube", ".docker"],
    names: [".netrc", "_netrc", ".pypirc"],
    why: "It holds credentials or says how to use them.",
  },
];
