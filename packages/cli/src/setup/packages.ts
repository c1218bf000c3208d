/**
 * The system packages that Frugal makes use of: all optional, each with what is lost without it.
 */

export interface SystemPackage {
  readonly name: string;
  /** Debian's names of the packages. */
  readonly packages: readonly string[];
  /** There when one program of each group is found... */
  readonly programs: readonly (readonly string[])[];
  /** ...and each of these files. */
  readonly files: readonly string[];
  readonly neededBy: string;
  readonly without: string;
}

export const systemPackages: readonly SystemPackage[] = [
  {
    name: "python3",
    packages: ["python3"],
    programs: [["python3"]],
    files: [],
    neededBy: "functions written in Python",
    without: "Python functions are refused",
  },
  {
    name: "C compiler",
    packages: ["gcc", "libc6-dev"],
    programs: [["cc", "gcc", "clang"]],
    files: ["/usr/include/stdio.h"],
    neededBy: "the native programs that isolate and restore functions",
    without: "functions run as plain child processes, unisolated",
  },
  {
    name: "nftables",
    packages: ["nftables"],
    programs: [["nft"]],
    files: [],
    neededBy: "functions that may reach the internet",
    without: "isolated functions get no network",
  },
  {
    name: "iproute2",
    packages: ["iproute2"],
    programs: [["ip"]],
    files: [],
    neededBy: "functions that may reach the internet",
    without: "isolated functions get no network",
  },
  {
    name: "numpy, Pillow, igraph",
    packages: ["python3-numpy", "python3-pil", "python3-igraph"],
    programs: [],
    files: ["numpy", "PIL", "igraph"].map((module) => `/usr/lib/python3/dist-packages/${module}`),
    neededBy: "frugal bench start (numpy, pillow-igraph)",
    without: "frugal bench start leaves out those two functions",
  },
];
