import { expect, test } from 'vitest';
import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import { kubernetesEvidence, subjectOf } from './kubernetes/evidence.ts';

test('a control that throws loses its own verdict and no other', () => {
  const [first, second] = kubernetesControls;
  if (first === undefined || second === undefined) throw new Error('there are no controls');
  const broken = {
    ...first,
    evaluate: () => {
      throw new RangeError('Maximum call stack size exceeded');
    },
  };
  const subject = subjectOf(kubernetesEvidence({}));
  const [lost, kept] = judge(subject, [broken, second], { profile: 'closed', controls: {} });
  expect(lost?.verdict).toMatchObject({
    status: 'UNKNOWN',
    reason: 'malformed-answer',
    message: expect.stringContaining('Maximum call stack size exceeded'),
  });
  expect(kept?.verdict.status).toBe('PASS');
});
