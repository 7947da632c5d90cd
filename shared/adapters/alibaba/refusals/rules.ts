import { CONFLICT, DEFECT, type Meaning, meanings, REJECTED } from './model.ts';

const NO_RULES = 'only HTTP and HTTPS listeners have forwarding rules; take one of those';

/** About forwarding rules. */
export const RULE_MEANINGS: ReadonlyArray<Meaning> = [
  ...meanings(CONFLICT, {
    'InvalidRuleId.NotFound': 'the forwarding rule does not exist any more',
    DomainExist: 'a rule of the listener has the same domain and URL by now',
  }),
  ...meanings(REJECTED, {
    TooManyRules: 'the listener has as many forwarding rules as SLB allows; delete one, or raise the quota',
    RuleNotSupport: NO_RULES,
    ListenerNotSupportRule: NO_RULES,
    URLNotSupport:
      'SLB does not take the URL of the rule; allowed are 1 to 80 letters, digits and -/.%?#& after a /, but no single /',
    UrlMalformed:
      'SLB does not take the URL of the rule; allowed are 1 to 80 letters, digits and -/.%?#& after a /, but no single /',
    DomainMalformed:
      'SLB does not take the domain of the rule; allowed are names such as www.example.com and *.example.com',
  }),
  ...meanings(DEFECT, { RuleListMalformed: 'SLB cannot read the list of rules that was sent' }),
];
