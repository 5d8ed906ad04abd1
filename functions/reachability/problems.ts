import { type PolicyError, type PolicyNote, type PolicyRef, policyName } from './model.ts';

/** Collects what is wrong with one policy. */
export class Problems {
  readonly found: PolicyError[] = [];
  readonly notes: PolicyNote[] = [];
  private readonly ref: PolicyRef;

  constructor(ref: PolicyRef) {
    this.ref = ref;
  }

  /** The API server refuses the policy. */
  invalid(field: string, message: string): void {
    this.add('invalid', field, message);
  }

  /** The policy has an effect here that is not evaluated. What it may open is then taken as open, what it may close as not closed. */
  undecidable(field: string, message: string): void {
    this.add('undecidable', field, message);
  }

  /** Evaluated, under an assumption that a reader may know better. */
  note(field: string, message: string): void {
    this.notes.push({ file: this.ref.file, resource: policyName(this.ref), field, message });
  }

  get refused(): boolean {
    return this.found.some(({ kind }) => kind === 'invalid');
  }

  private add(kind: PolicyError['kind'], field: string, message: string): void {
    this.found.push({ file: this.ref.file, resource: policyName(this.ref), field, message, kind });
  }
}
