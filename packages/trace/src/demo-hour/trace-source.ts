/**
 * Where a derived figure comes from: enough to find it again, to keep its licence, and to notice another file.
 */
export interface TraceSource {
  readonly name: string;
  readonly author: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** What to say where the data are used. */
  readonly attribution: string;
  readonly address: string;
  /** The very file: repository, commit, path and the licence of the repository. */
  readonly file: string;
  /** What was changed of the original. */
  readonly changes: string;
  /** Rows of the file, and the sum of all its counts: by these a derivation knows its source. */
  readonly functions: number;
  readonly invocations: number;
}

/** The sample of 1000 functions that invitro published. */
export const invitroThousand: TraceSource = {
  name: "Azure Functions Trace 2019",
  author: "Microsoft",
  licence: "CC-BY-4.0",
  attribution:
    "Azure Functions Trace 2019 by Microsoft, CC-BY 4.0; M. Shahrad et al., Serverless in the Wild, USENIX ATC 2020",
  address: "https://github.com/Azure/AzurePublicDataset",
  file: "data/traces/1000_inv.csv of github.com/vhive-serverless/invitro, commit b12de00fea85a68783a9a9997569c74afa0f1dde (MIT), there relabelled and sampled to 1000 functions",
  changes: "one hour of ten functions; hashes cut to 12 digits",
  functions: 1000,
  invocations: 608_228,
};
