// What the framework writes into roles and nobody needs: a role that no function uses, and permission to create log groups,
// which the stack itself creates (with a retention). A queue's mapping to an alias (SnapStart) still waits for that role, since
// the plugin that gives each function its own follows no alias; for the function's own role it waits through the alias.
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
  for (const resource of Object.values(Resources)) {
    if (Array.isArray(resource.DependsOn)) resource.DependsOn = resource.DependsOn.filter((name) => name !== 'IamRoleLambdaExecution');
  }
  const { IamRoleLambdaExecution, ...others } = Resources;
  if (IamRoleLambdaExecution && !JSON.stringify(others).includes('"IamRoleLambdaExecution"')) delete Resources.IamRoleLambdaExecution;
};
