/** What is wrong in the file: the key and a message about it. The reader adds file and line. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
