import { posix } from "node:path";
import { isFixture } from "../source-tree.ts";
import { type House, type HouseRule, linesOf } from "./house.ts";

/** Relative links of the documents lead somewhere: to a file or folder, and to a heading where they name one. */
export const links: HouseRule = {
  rule: "relative links in documents lead to a file, folder or heading that exists",
  check: (house) =>
    house.files
      .filter((path) => path.endsWith(".md") && !isFixture(path))
      .flatMap((file) =>
        linksOf(house.read(file))
          .filter((link) => !leads(house, file, link))
          .map((link) => ({
            file,
            problem: `its link to ${link} leads nowhere`,
            remedy: "Mend the path or the heading, or remove the link",
          })),
      ),
};

/** Targets of links that are no addresses of other places. */
function linksOf(text: string): readonly string[] {
  const prose = withoutCode(text);
  const inline = [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...prose.matchAll(/^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm)];
  return [...inline, ...references]
    .flatMap(([, target]) => target ?? [])
    .filter((target) => !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target));
}

const withoutCode = (text: string): string =>
  text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");

function leads(house: House, from: string, link: string): boolean {
  const [path = "", heading] = decodeURI(link).split("#", 2);
  const joined = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  const target = path === "" ? from : posix.normalize(joined).replace(/\/$/, "");
  const isFile = house.files.includes(target);
  const isFolder = target === "." || house.files.some((file) => file.startsWith(`${target}/`));
  if (!isFile) return isFolder && heading === undefined;
  return heading === undefined || !target.endsWith(".md") || anchorsOf(house.read(target)).has(heading);
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of linesOf(text.replace(/^(```|~~~)[\s\S]*?^\1/gm, ""))) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const anchor = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let name = anchor;
    for (let n = 1; anchors.has(name); n++) name = `${anchor}-${n}`;
    anchors.add(name);
  }
  return anchors;
}
