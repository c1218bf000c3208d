/**
 * A derivation: figures that this repository ships, made from published data by a command that anyone can run again.
 */
export interface Derivation {
  readonly name: string;
  readonly summary: string;
  /** What the source file is, for the user who has to get it. */
  readonly source: string;
  /** Where the result belongs, from the checkout's folder. */
  readonly output: string;
  /** The JSON document from the source's text. Throws FrugalError naming the lines that cannot be read. */
  derive(text: string): Promise<string>;
}
