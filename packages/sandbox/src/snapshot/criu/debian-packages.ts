/**
 * Downloads a package of Debian with all that it depends on, and unpacks it into a folder, beside the host's own packages:
 * apt works on lists, a cache and a package database of its own, which says that nothing is installed. Nothing is
 * configured, no script of a package runs, and root is not needed.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import type { CommandResult } from "../../host/command.ts";
import type { CriuHost } from "./criu-host.ts";

/** The release whose criu is new enough. */
const RELEASE = "trixie";
const MIRROR = "http://deb.debian.org/debian";

/** Unpacks `name` and its dependencies into `root`; apt's own files go to `work`, which may be removed afterwards. */
export async function unpackDebianPackage(
  host: CriuHost,
  name: string,
  { work, root }: { readonly work: string; readonly root: string },
): Promise<void> {
  const architecture = await architectureOf(host);
  if (!existsSync(host.keyring)) {
    throw new FrugalError(
      "host-unsupported",
      `${name} cannot be installed: Debian's keys are missing (${host.keyring}).\n` +
        "  Install them: apt-get install debian-archive-keyring; then run: frugal setup",
    );
  }
  const configuration = prepareApt(host, work, architecture);
  const apt = ["--config-file", configuration, "--quiet"];
  for (const args of [["update"], ["install", "--yes", "--download-only", name]])
    expectSuccess(await host.run("apt-get", [...apt, ...args]), name);
  mkdirSync(root, { recursive: true, mode: 0o755 });
  const archives = join(work, "cache/archives");
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith(".deb")))
    expectSuccess(await host.run("dpkg-deb", ["--extract", join(archives, file), root]), name);
}

async function architectureOf(host: CriuHost): Promise<string> {
  const result = await host.run("dpkg", ["--print-architecture"]);
  if (result.kind === "missing") {
    throw new FrugalError(
      "host-unsupported",
      "criu cannot be installed: this host has no apt and dpkg, as Debian and its kin have.\n" +
        "  Install criu 4.1.1 or newer in the way of this system.",
    );
  }
  expectSuccess(result, "criu");
  return result.stdout.trim();
}

function prepareApt({ keyring }: CriuHost, work: string, architecture: string): string {
  for (const folder of ["state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(work, folder), { recursive: true });
  const files = {
    "state/status": "",
    "sources.list": `deb [arch=${architecture} signed-by=${keyring}] ${MIRROR} ${RELEASE} main\n`,
    "apt.conf": configurationText(work, architecture),
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(work, file), text);
  return join(work, "apt.conf");
}

/** Read by apt after the host's configuration, whose proxies hold here as well. */
const configurationText = (work: string, architecture: string): string => `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
#clear Acquire::IndexTargets::deb::DEP-11;
Dir::State "${work}/state";
Dir::State::lists "${work}/state/lists";
Dir::State::status "${work}/state/status";
Dir::Cache "${work}/cache";
Dir::Cache::archives "${work}/cache/archives";
Dir::Etc::sourcelist "${work}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "${work}";
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Default-Release "";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Debug::NoLocking "true";
`;

function expectSuccess(
  result: CommandResult,
  name: string,
): asserts result is CommandResult & { kind: "ran" } {
  if (result.kind === "ran" && result.code === 0) return;
  const text = result.kind === "missing" ? "apt-get or dpkg-deb is not installed" : saidBy(result);
  throw new FrugalError(
    "host-unsupported",
    `${name} could not be had from Debian ${RELEASE}:\n${text}\n` +
      `  It needs the network (${MIRROR}), 60 MB of disk and a debian-archive-keyring of 2025 or newer; then run: frugal setup`,
  );
}

/** The lines that say what is wrong, of all that apt and dpkg say. */
function saidBy(result: CommandResult & { readonly kind: "ran" }): string {
  const lines = `${result.stdout}\n${result.stderr}`.split("\n").filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /^(E|W|dpkg-deb|tar):/.test(line));
  const last = (errors.length > 0 ? errors : lines).slice(-6);
  return last.length > 0 ? last.join("\n") : `it ended with code ${result.code}`;
}
