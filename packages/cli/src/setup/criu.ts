import type { Criu } from "./setup.ts";

/** criu, as setup sees it. */
export async function criu(): Promise<Criu> {
  const { installCriu, isCriuInstalled } = await import("@frugal/sandbox");
  return {
    isInstalled: () => isCriuInstalled(),
    install: async () => {
      const { version, origin, prefix } = await installCriu();
      return origin === "system" ? `the system's ${version}` : `${version} in ${prefix}`;
    },
  };
}
