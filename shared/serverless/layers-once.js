// A layer is published once for each content, under the hash of it. A change that is reverted comes back to a content that is
// published already, by an earlier deployment of the same stack: creating its parameter anew would fail. So what is there is
// left out of the template; what the stack had published before stays, because layers and their parameters are retained.
'use strict';

/** Leave out of the template (in place) what is published; return a sentence if what is published lost its layer. */
exports.leaveOutPublishedLayers = async (template, owned, stack) => {
  const { Resources, Outputs } = template;
  const isLayer = (id) => id && Resources[id] && Resources[id].Type === 'AWS::Lambda::LayerVersion';
  const parameters = Object.entries(Resources).filter(([, { Type, Properties }]) => Type === 'AWS::SSM::Parameter' && isLayer(Properties.Value.Ref));
  const published = await stack.parameters(parameters.map(([, { Properties }]) => Properties.Name));
  for (const [id, { Properties: { Name, Value } }] of parameters) {
    if (!published.has(Name) || owned.get(id) === Name) continue;
    if (!(await stack.hasLayer(published.get(Name)))) {
      return `${Name} names the layer ${published.get(Name)}, which was deleted: delete that parameter, then deploy the layers again.`;
    }
    delete Resources[id];
    delete Resources[Value.Ref];
    for (const output of Object.keys(Outputs).filter((key) => key.startsWith(Value.Ref))) {
      if (Outputs[output].Value.Ref === Value.Ref) Outputs[output].Value = published.get(Name);
      else delete Outputs[output]; // what the framework remembers of the archive, which this stack has no more
    }
  }
  return undefined;
};
