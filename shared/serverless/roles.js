// What the framework writes into roles and nobody needs: a role that no function uses, and permission to create log groups,
// which the stack itself creates (with a retention).
'use strict';

/** Change the roles and policies of the template in place. */
exports.tidyRoles = ({ Resources }) => {
  for (const { Type, Properties } of Object.values(Resources)) {
    if (!['AWS::IAM::Role', 'AWS::IAM::Policy'].includes(Type)) continue;
    for (const { PolicyDocument = { Statement: [] } } of Properties.Policies || [Properties]) {
      for (const statement of [].concat(PolicyDocument.Statement)) {
        if (Array.isArray(statement.Action)) statement.Action = statement.Action.filter((action) => action !== 'logs:CreateLogGroup');
      }
    }
  }
  const { IamRoleLambdaExecution, ...others } = Resources;
  if (IamRoleLambdaExecution && !JSON.stringify(others).includes('"IamRoleLambdaExecution"')) delete Resources.IamRoleLambdaExecution;
};
