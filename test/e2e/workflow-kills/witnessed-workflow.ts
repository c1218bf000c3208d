/**
 * A workflow whose every step leaves a trace: functions give tokens that are never the same twice, calls tell a ledger of all
 * tokens so far, and waits make sure that something is under way whenever the platform is killed.
 */

/** `mark` logs who called it, and gives a new token. */
export const markHandler = `import { randomUUID } from "node:crypto";
export const handler = ({ key, step }) => {
  console.log("mark " + key + " " + step);
  return { token: randomUUID() };
};
`;

const ROUNDS = 3;
/** In the order in which a run takes them; those of the fork in any order. */
export const sequence: readonly string[] = Array.from({ length: ROUNDS }, (_, round) => `round-${round}`);
export const branches = ["left", "right"] as const;

const mark = (step: string) => ({
  call: "mark",
  with: { key: "${ $workflow.input.key }", step },
  output: { as: "${ $context + { tokens: ($context.tokens + [.token]) } }" },
  export: { as: "${ . }" },
});

const note = (url: string, step: string) => ({
  call: "http",
  with: {
    method: "post",
    endpoint: { uri: url },
    body: { key: "${ $workflow.input.key }", step, tokens: "${ $context.tokens }" },
  },
});

/** The definition, as JSON; runs are told to the ledger at `url`. */
export const witnessedWorkflow = (url: string): object => ({
  document: {
    dsl: "1.0.0",
    namespace: "default",
    name: "witnessed",
    version: "1.0.0",
    metadata: { durable: true },
  },
  do: [
    {
      rounds: {
        for: { each: "round", in: `\${ [range(${ROUNDS})] }` },
        do: [
          { mark: mark('${ "round-\\($round)" }') },
          { pause: { wait: { milliseconds: 200 } } },
          { note: note(url, '${ "round-\\($round)" }') },
        ],
      },
    },
    {
      both: {
        fork: {
          branches: branches.map((branch) => ({
            [branch]: {
              do: [{ pause: { wait: { milliseconds: 100 } } }, { note: note(url, branch) }],
            },
          })),
        },
      },
    },
  ],
  output: { as: "${ { key: $workflow.input.key, tokens: $context.tokens, both: . } }" },
});
