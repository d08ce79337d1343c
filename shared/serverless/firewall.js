// A web ACL before every AppSync API and user pool of a template. It refuses floods and nothing else: Kenyan carriers put thousands of
// people behind one address, so addresses have high limits, and a signed-in person has one by the token, whatever the address. Who comes
// with an API key has no token: an address has a lower limit of those.
'use strict';

const { alarm, metric } = require('./alarm');
const { att, ofType } = require('./names');

const WINDOW_SECONDS = 300;
const SENDS_CODES = '(^|\\.)(SignUp|ResendConfirmationCode|ForgotPassword)$';
const plain = [{ Priority: 0, Type: 'NONE' }];
const seen = (MetricName) => ({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName });

const address = (Limit, ScopeDownStatement) => (
  { Limit, EvaluationWindowSec: WINDOW_SECONDS, AggregateKeyType: 'IP', ...(ScopeDownStatement && { ScopeDownStatement }) });
const token = (Limit) => ({
  Limit, EvaluationWindowSec: WINDOW_SECONDS, AggregateKeyType: 'CUSTOM_KEYS',
  CustomKeys: [{ Header: { Name: 'authorization', TextTransformations: plain } }],
});
const withKey = { SizeConstraintStatement: { FieldToMatch: { SingleHeader: { Name: 'x-api-key' } }, ComparisonOperator: 'GT', Size: 0, TextTransformations: plain } };
// Cognito hands its web ACL the operation in one header or the other.
const sendsCodes = {
  OrStatement: {
    Statements: ['x-amzn-cognito-operation-name', 'x-amz-target'].map((Name) => ({
      RegexMatchStatement: { RegexString: SENDS_CODES, FieldToMatch: { SingleHeader: { Name } }, TextTransformations: plain },
    })),
  },
};

function acl(name, rules) {
  return {
    Type: 'AWS::WAFv2::WebACL',
    Properties: {
      Name: name,
      Description: 'Refuses floods',
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: seen(name),
      Rules: Object.entries(rules).map(([Name, RateBasedStatement], Priority) => (
        { Name, Priority, Action: { Block: {} }, Statement: { RateBasedStatement }, VisibilityConfig: seen(Name) })),
    },
  };
}

// What a web ACL refused, without the part of a request that lets one in. The group's name is one that AWS WAF may write to.
const logged = (guard, name, secret) => ({
  [`${guard}Log`]: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: `aws-waf-logs-${name}`, RetentionInDays: 30 } },
  [`${guard}Logging`]: {
    Type: 'AWS::WAFv2::LoggingConfiguration',
    Properties: {
      ResourceArn: att(guard, 'Arn'),
      LogDestinationConfigs: [{ 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${${guard}Log}` }],
      RedactedFields: [secret],
      LoggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
      },
    },
  },
});

// Return the resources that guard a template's API and user pool; none where it has neither.
module.exports = (template, { service, stage, settings }) => {
  const apis = ofType(template, 'AWS::AppSync::GraphQLApi');
  const pools = ofType(template, 'AWS::Cognito::UserPool');
  if (!apis.length && !pools.length) return {};
  const name = `betsafi-${service}-${stage}`;
  const lobby = ofType(template, 'AWS::AppSync::ApiKey').length && { lobby: address(Number(settings.lobbyRequests), withKey) };
  const rules = apis.length
    ? { address: address(Number(settings.addressRequests)), player: token(Number(settings.playerRequests)), ...lobby }
    : { codes: address(Number(settings.addressSignUps), sendsCodes), address: address(Number(settings.addressSignIns)) };
  return {
    Firewall: acl(name, rules),
    ...Object.fromEntries([...apis, ...pools].map(([id]) => [`${id}Firewall`, {
      Type: 'AWS::WAFv2::WebACLAssociation',
      Properties: { ResourceArn: att(id, 'Arn'), WebACLArn: att('Firewall', 'Arn') },
    }])),
    ...logged('Firewall', name, { SingleHeader: { Name: 'authorization' } }),
    FirewallAlarm: alarm(`${service} (${stage}): the firewall refuses requests; are they a carrier's or an attacker's?`,
      metric('AWS/WAFV2', 'BlockedRequests', { WebACL: name, Region: { Ref: 'AWS::Region' }, Rule: 'ALL' }),
      { Statistic: 'Sum', Period: 300, Threshold: 100 }),
  };
};
Object.assign(module.exports, { logged });
