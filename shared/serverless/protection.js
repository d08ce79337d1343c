// A resource that is created and protected at once cannot be taken back when something else of the same deployment fails:
// it stays outside the stack under its fixed name, and every later attempt meets it. So whatever the stack does not have yet
// is created unprotected, and the same deployment protects it by a second update once all of it stands.
'use strict';

const OFF = {
  'AWS::DynamoDB::Table': ['DeletionProtectionEnabled', false],
  'AWS::Cognito::UserPool': ['DeletionProtection', 'INACTIVE'],
};

const KEPT = [
  'AWS::Cognito::UserPool', 'AWS::DynamoDB::Table', 'AWS::Events::EventBus', 'AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret',
];

/** What CloudFormation refuses to an update of a stack: to remove or replace what holds data, keys or everybody's rules. */
exports.stackPolicy = [
  { Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*' },
  {
    Effect: 'Deny', Principal: '*', Action: ['Update:Delete', 'Update:Replace'], Resource: '*',
    Condition: { StringEquals: { ResourceType: KEPT } },
  },
];

/** Take the protection off what is new (in the template, in place); return what puts it back, or nothing if nothing is new. */
exports.unprotected = (template, owned) => {
  const lifted = [];
  for (const [name, { Type, Properties }] of Object.entries(template.Resources)) {
    const [property, off] = OFF[Type] || [];
    if (!property || owned.has(name) || !(property in Properties) || Properties[property] === off) continue;
    lifted.push([Properties, property, Properties[property]]);
    Properties[property] = off;
  }
  return lifted.length ? () => { for (const [properties, property, value] of lifted) properties[property] = value; } : undefined;
};
