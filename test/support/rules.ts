/** What the tests of rules share: asking a policy, without a frame. */
import { expect } from '@esm-bundle/chai';
import type { FetchRule } from '../../src/frame/options/rules.ts';
import { type Allowed, createPolicy, type PolicyOptions } from '../../src/frame/rules/policy.ts';
import type { HadokenError } from '../../src/rpc/errors.ts';

export const FRAME = 'https://api.example.com';
export const PAGE = 'https://app.example.com';

export type Rules = boolean | FetchRule[] | undefined;
/** A header without a value has '1'. `path` may be a whole URL. */
export type Ask = {
  path?: string;
  method?: string;
  headers?: (string | [string, string])[];
  origin?: string;
};

/** How the request is sent, or what refuses it. */
export function judge(rules: Rules, ask: Ask, options?: PolicyOptions): Allowed | HadokenError {
  const { path = '/', method = 'GET', headers = [], origin = PAGE } = ask;
  const policy = createPolicy(rules, FRAME, options);
  const pairs = headers.map((header): [string, string] =>
    typeof header === 'string' ? [header, '1'] : header,
  );
  try {
    const url = path.startsWith('/') ? FRAME + path : path;
    return policy({ url, method, headers: pairs, origin });
  } catch (error) {
    return error as HadokenError;
  }
}

const codeOf = (judged: Allowed | HadokenError): string =>
  'code' in judged ? judged.code : 'allowed';

export function allows(rules: Rules, ask: Ask, options?: PolicyOptions): void {
  expect(codeOf(judge(rules, ask, options)), JSON.stringify(ask)).to.equal('allowed');
}

export function refuses(rules: Rules, ask: Ask, options?: PolicyOptions): void {
  expect(codeOf(judge(rules, ask, options)), JSON.stringify(ask)).to.equal('POLICY_REFUSED');
}
