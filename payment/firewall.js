// What stands before the callbacks. M-Pesa sends each callback only once, and the stage's limits are for everybody together:
// whoever found the address could use them up, and what M-Pesa sent meanwhile would be answered 429 and never come again.
//
// So M-Pesa's listed addresses pass uncounted, and everybody else together may send a twentieth of what the stage takes; more is
// blocked before API Gateway counts it. Only where so configured strangers are blocked altogether: the list is kept by hand, and
// what M-Pesa sends from a new address must reach us, with an alarm (CallbackSource), until the address is listed.
// AWS WAF needs some seconds to see a flood, and the stage's limits are wide so that they outlast them.
'use strict';

const { logged } = require('../shared/serverless/firewall');

const MINUTE = 60;
// Requests a minute: of one unlisted address, and of all of them together.
const ONE = 10 * MINUTE;
const ALL = 50 * MINUTE;

const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const { sourceAddresses, refuseUnknownSources } = await resolveConfigurationProperty(['custom', 'here']);
  const stage = await resolveVariable('sls:stage');
  // The emulator knows no WAF before a stage, and reports no address.
  if (stage === 'local') return { Resources: {} };

  const counted = (name) => ({ MetricName: `betsafi-${stage}-${name}`, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
  const listed = { IPSetReferenceStatement: { Arn: att('CallbackAddresses', 'Arn') } };
  const atMost = (name, priority, limit, together) => ({
    Name: name,
    Priority: priority,
    Statement: { RateBasedStatement: { Limit: limit, EvaluationWindowSec: MINUTE, ...together } },
    Action: { Block: {} },
    VisibilityConfig: counted(name),
  });
  return {
    Resources: {
      CallbackAddresses: {
        Type: 'AWS::WAFv2::IPSet',
        Properties: {
          Description: 'The addresses that M-Pesa calls from, as stages.yml lists them',
          Scope: 'REGIONAL',
          IPAddressVersion: 'IPV4',
          Addresses: sourceAddresses.split(',').map((address) => `${address.trim()}/32`),
        },
      },
      CallbackFirewall: {
        Type: 'AWS::WAFv2::WebACL',
        Properties: {
          Name: `betsafi-payment-callbacks-${stage}`,
          Description: 'M-Pesa passes, strangers are few',
          Scope: 'REGIONAL',
          DefaultAction: refuseUnknownSources ? { Block: {} } : { Allow: {} },
          VisibilityConfig: counted('callbacks'),
          Rules: [
            { Name: 'mpesa', Priority: 0, Statement: listed, Action: { Allow: {} }, VisibilityConfig: counted('mpesa') },
            atMost('address', 1, ONE, { AggregateKeyType: 'IP' }),
            atMost('strangers', 2, ALL, {
              AggregateKeyType: 'CONSTANT', ScopeDownStatement: { NotStatement: { Statement: listed } },
            }),
          ],
        },
      },
      // Without the path: whoever knows the HMAC in it can post as M-Pesa.
      ...logged('CallbackFirewall', `betsafi-payment-callbacks-${stage}`, { UriPath: {} }),
      CallbackFirewallInPlace: {
        Type: 'AWS::WAFv2::WebACLAssociation',
        Properties: {
          WebACLArn: att('CallbackFirewall', 'Arn'),
          ResourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${CallbackApi}/stages/${CallbackStage}' },
        },
      },
    },
  };
};
