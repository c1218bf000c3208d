/**
 * /v1/workflows and /v1/runs of the fake platform: a run of "slow" never ends, one of "bad" faults, all others complete at once.
 */
import { FrugalError } from "@frugal/core";
import { parse } from "yaml";
import type { FakeReply } from "./fake-reply.ts";

interface WorkflowRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
}

const RUN_ID = "0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11";

export class FakeWorkflowApi {
  readonly #workflows = new Map<string, string>();
  readonly #runs = new Map<string, Record<string, unknown>>();

  handle({ method, url, body }: WorkflowRequest): FakeReply {
    const [, , kind = "", first = "", second = "", part = ""] = url.pathname.split("/");
    if (kind === "runs") return this.#runRequest(method, url, first, second);
    if (first === "") return { body: { workflows: [...this.#workflows.keys()].map(summaryOf) } };
    const name = `${first}/${second}`;
    if (method === "PUT") return this.#put(name, body.toString("utf8"));
    if (!this.#workflows.has(name))
      throw new FrugalError("workflow-not-found", `No workflow is called ${name}`);
    if (part === "runs") return this.#start(name, url, body);
    if (part === "plan") return { body: planOf(name) };
    if (method === "GET") return { body: detailsOf(name) };
    this.#workflows.delete(name);
    return { status: 204 };
  }

  #put(name: string, text: string): FakeReply {
    const { document } = parse(text) as { document: { namespace: string; name: string } };
    if (`${document.namespace}/${document.name}` !== name)
      throw new FrugalError("invalid-request", "The document's names are not those of the path");
    if (text.includes("refused")) throw new FrugalError("invalid-workflow", "It cannot be used");
    const isNew = !this.#workflows.has(name);
    this.#workflows.set(name, text);
    const warnings = text.includes("gone") ? ["No function is called gone\u001b[2J"] : [];
    return { status: isNew ? 201 : 200, body: { ...summaryOf(name), warnings } };
  }

  #start(name: string, url: URL, body: Buffer): FakeReply {
    const waits = url.searchParams.get("wait") !== "0";
    const ended = name.endsWith("bad") ? "faulted" : "completed";
    const status = waits && !name.endsWith("slow") ? ended : "running";
    const run = runOf(name, status, JSON.parse(body.toString("utf8")));
    this.#runs.set(RUN_ID, run);
    return { status: status === "running" ? 202 : 200, body: run };
  }

  #runRequest(method: string, url: URL, id: string, part: string): FakeReply {
    if (id === "") {
      const status = url.searchParams.get("status");
      return {
        body: { runs: [...this.#runs.values()].filter((run) => (status ?? run["status"]) === run["status"]) },
      };
    }
    const run = this.#runs.get(id);
    if (run === undefined) throw new FrugalError("run-not-found", `No run has the id ${id}`);
    if (method === "POST" && part === "cancel") run["status"] = "cancelled";
    return { body: run };
  }
}

const summaryOf = (name: string) => ({
  namespace: name.split("/")[0],
  name: name.split("/")[1],
  version: "1.0.0",
  title: "Orders",
  durable: true,
  deadlineSeconds: 2,
  quantile: 0.95,
  updatedAt: "2026-01-02T03:04:05.678Z",
  runs: { running: 1, completed: 20, faulted: 2, cancelled: 0 },
});

const detailsOf = (name: string) => ({
  ...summaryOf(name),
  definition: {},
  graph: {
    stages: [
      { name: "/do/0/resize", function: "thumbnail", repeats: 1, visits: 1 },
      { name: "/do/1/both/fork/branches/0/pack", function: "compression", repeats: 3, visits: 2.5 },
      { name: "/do/1/both/fork/branches/1/note", latency: 0.2, repeats: 1, visits: 1 },
    ],
    edges: [
      [0, 1],
      [0, 2],
    ],
  },
  history: {
    runs: 22,
    stages: [
      { task: "/do/0/resize", visits: 1, meanLatencySeconds: 0.05 },
      { task: "/do/1/both/fork/branches/0/pack", visits: 2.5, meanLatencySeconds: null },
    ],
  },
});

const energy = { joules: 0.25, source: "model", quality: "estimated" };

const stageOf = (name: string, facts: object) => ({
  task: `/do/0/${name}`,
  name,
  kind: "invoke",
  function: "thumbnail",
  execution: `/do/0/${name}`,
  startedAt: "2026-01-02T03:04:05.000Z",
  latencySeconds: 0.12,
  waitSeconds: 0.02,
  durationSeconds: 0.1,
  budgetSeconds: 0.15,
  slackSeconds: -0.03,
  coreHertz: 1.8e9,
  uncoreHertz: 1.2e9,
  clocks: "set",
  joules: 0.25,
  energy,
  startKind: "warm",
  error: null,
  ...facts,
});

const unknownFacts = {
  budgetSeconds: null,
  slackSeconds: null,
  coreHertz: null,
  uncoreHertz: null,
  joules: null,
};

const runOf = (workflow: string, status: string, input: unknown): Record<string, unknown> => ({
  id: RUN_ID,
  workflow,
  version: "1.0.0",
  status,
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: status === "running" ? null : "2026-01-02T03:04:07.100Z",
  input,
  output: status === "completed" ? { echo: input } : null,
  fault:
    status === "faulted"
      ? {
          type: "https://example.org/broken",
          status: 500,
          title: "Broken",
          detail: "by hand",
          instance: "/do/0/bad",
        }
      : null,
  deadlineSeconds: 2,
  latencySeconds: 2.1,
  slackSeconds: -0.1,
  joules: 0.5,
  energy: { joules: 0.5, source: "model", quality: "estimated" },
  stages: [
    stageOf("resize", {}),
    stageOf("wide", { clocks: "dry-run", uncoreHertz: null, slackSeconds: 0.01 }),
    stageOf("fetch", {
      ...unknownFacts,
      kind: "call-http",
      function: null,
      clocks: "unpaced",
      startKind: null,
      energy: { unavailable: "no function of ours" },
      ...(status === "faulted" && { error: { title: "Broken", detail: "by hand" } }),
    }),
  ],
});

const choice = (budgetSeconds: number, joules: number) => ({
  budgetSeconds,
  expectedSeconds: 0.9 * budgetSeconds,
  coreHertz: 1.8e9,
  uncoreHertz: 1.2e9,
  joules,
});

/** Of "new" nothing is known yet; "calm" has no deadline, and that of "late" cannot be kept. */
function planOf(workflow: string): unknown {
  const isKnown = !workflow.endsWith("new");
  const isLate = workflow.endsWith("late");
  const stage = (index: number, task: string) => ({
    index,
    task,
    function: "thumbnail",
    repeats: 1,
    visits: 1,
    minimalSeconds: isKnown ? 0.4 : null,
    maximalSeconds: isKnown ? 1.1 : null,
    fit: isKnown ? choice(0.9, 1.5) : null,
    leastEnergy: isKnown && !isLate ? choice(0.8, 1.25) : null,
  });
  return {
    workflow,
    deadlineSeconds: workflow.endsWith("calm") ? null : 2,
    quantile: 0.95,
    effectiveDeadlineSeconds: 1.9,
    known: isKnown,
    missing: isKnown ? [] : ["thumbnail"],
    grid: { coreHertz: [1.2e9, 2.2e9], uncoreHertz: [] },
    smallestDeadlineSeconds: isKnown ? 0.8 : null,
    paths: isKnown
      ? [
          { stages: [0, 1], minimalSeconds: 0.8, fitSeconds: 1.8, leastEnergySeconds: 1.6, isCritical: true },
          {
            stages: [0, 2],
            minimalSeconds: 0.6,
            fitSeconds: 1.2,
            leastEnergySeconds: 1.1,
            isCritical: false,
          },
        ]
      : [],
    stages: [stage(0, "/do/0/resize"), stage(1, "/do/1/pack"), stage(2, "/do/1/note")],
    methods: isKnown
      ? {
          fit: isLate ? { infeasible: 2.4 } : { joules: 4.5, slackSeconds: 0.1 },
          leastEnergy: isLate ? { infeasible: 2.4 } : { joules: 3.75, slackSeconds: 2e-16, isOptimal: true },
        }
      : { fit: null, leastEnergy: null },
    energyQuality: "estimated",
  };
}
