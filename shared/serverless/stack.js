// What a deployment asks AWS about its stack and about SSM.
'use strict';
const { CloudFormationClient, DescribeStacksCommand, paginateListStackResources } = require('@aws-sdk/client-cloudformation');
const { LambdaClient, GetLayerVersionByArnCommand } = require('@aws-sdk/client-lambda');
const { SSMClient, GetParametersCommand } = require('@aws-sdk/client-ssm');

const AT_ONCE = 10; // names that GetParameters takes

exports.Stack = class Stack {
  constructor(provider) {
    this.name = provider.naming.getStackName();
    this.config = () => provider.getAwsSdkV3Config();
  }

  /** The physical ids of the stack's resources by their logical names; none before its first deployment. */
  async resources() {
    const found = new Map();
    try {
      const client = new CloudFormationClient(await this.config());
      for await (const page of paginateListStackResources({ client }, { StackName: this.name })) {
        for (const resource of page.StackResourceSummaries) {
          // A creation that was rolled back is still listed, as deleted.
          if (!resource.ResourceStatus.startsWith('DELETE_')) found.set(resource.LogicalResourceId, resource.PhysicalResourceId);
        }
      }
    } catch (error) {
      if (!/does not exist/.test(error.message)) throw error;
    }
    return found;
  }

  /** The values of the stack's outputs by their names. */
  async outputs() {
    const client = new CloudFormationClient(await this.config());
    const { Stacks: [{ Outputs = [] }] } = await client.send(new DescribeStacksCommand({ StackName: this.name }));
    return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  }

  /** The values of those SSM parameters that are there, by name. */
  async parameters(names) {
    const client = new SSMClient(await this.config());
    const found = new Map();
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const answer = await client.send(new GetParametersCommand({ Names: names.slice(first, first + AT_ONCE) }));
      for (const { Name, Value } of answer.Parameters) found.set(Name, Value);
    }
    return found;
  }

  async hasLayer(arn) {
    const client = new LambdaClient(await this.config());
    try {
      await client.send(new GetLayerVersionByArnCommand({ Arn: arn }));
      return true;
    } catch (error) {
      if (error.name !== 'ResourceNotFoundException') throw error;
      return false;
    }
  }
};
