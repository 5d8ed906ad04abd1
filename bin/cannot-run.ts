/** The command could not begin: one clear line for each reason, no stack. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
