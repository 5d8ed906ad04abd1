import { GetWebIdentityTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { LIMITS } from '../transport/body.ts';
import { BoundedHandler } from '../transport/smithy.ts';

/** A signed statement of who the caller is, for Entra to exchange. */
export type GetAssertion = () => Promise<string>;

/**
 * The Lambda's own AWS identity as a web identity token: nothing is stored anywhere. AWS IAM guide, "Outbound identity federation":
 * it must be enabled for the account once, the role needs `sts:GetWebIdentityToken`, and only regional STS endpoints answer.
 */
export function awsAssertion(
  audience: string,
  client: () => Pick<STSClient, 'send'> = () =>
    new STSClient({ requestHandler: new BoundedHandler({ requestTimeout: 15_000 }, LIMITS.token) }),
): GetAssertion {
  let sts: Pick<STSClient, 'send'> | undefined;
  return async () => {
    sts ??= client();
    const answer = await sts.send(
      new GetWebIdentityTokenCommand({ Audience: [audience], SigningAlgorithm: 'RS256', DurationSeconds: 300 }),
    );
    if (answer.WebIdentityToken === undefined) throw new Error('AWS STS answered GetWebIdentityToken without a token');
    return answer.WebIdentityToken;
  };
}
