/**
 * The functions whose starts are measured. A new one: a folder beside this file and an entry here.
 */
import { heavyNode } from "./heavy-node/heavy-node.ts";
import { hello } from "./hello/hello.ts";
import { numpy } from "./numpy/numpy.ts";
import { pillowIgraph } from "./pillow-igraph/pillow-igraph.ts";
import type { StartFunction } from "./start-function.ts";
import { thumbnail } from "./thumbnail.ts";

export const startFunctions: readonly StartFunction[] = [hello, heavyNode, numpy, pillowIgraph, thumbnail];
