// What other stacks publish in SSM. In the serverless files it is written where it is used, `!Sub "{{resolve:ssm:/betsafi/…}}"`.
// CloudFormation takes 60 such references a template and looks at them only when something else changed. So each becomes one
// parameter of the template, From<Path>, which is read anew at every update; and a deployment, which reads the values too,
// writes their fingerprint into what uses them. A changed value thus is a change of the template, of the function (its
// description) and of its version, to which SnapStart's alias then moves. What a template publishes itself it takes from its own
// resource: its first deployment would wait for itself.
'use strict';
const crypto = require('crypto');

const TYPE = 'AWS::SSM::Parameter::Value<String>';
const REFERENCE = /\{\{resolve:ssm:(\/[^{}:]+)\}\}/g;
const pascal = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const logicalName = (name) => `From${name.split('/').slice(3).join('-').split(/[^A-Za-z0-9]+/).map(pascal).join('')}`;
const fingerprint = (text) => crypto.createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Return what a template publishes itself, as a `Sub` names it, by its name in SSM. */
const published = ({ Resources }) => Object.fromEntries(Object.values(Resources)
  .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
  .map(({ Properties: { Name, Value } }) => [Name, Value.Ref || [Value['Fn::GetAtt'] || []].flat().join('.')])
  .filter(([, from]) => from)
  .map(([name, from]) => [name, `\${${from}}`]));

/** Return the template with a parameter in place of every reference to SSM. */
exports.asParameters = (template) => {
  const Parameters = { ...template.Parameters };
  const own = published(template);
  const named = (text) => text.replace(REFERENCE, (_, name) => {
    if (own[name]) return own[name];
    const id = logicalName(name);
    if ((Parameters[id] || { Default: name }).Default !== name || template.Resources[id]) throw new Error(`two things are called ${id}`);
    Parameters[id] = { Type: TYPE, Default: name };
    return `\${${id}}`;
  });
  const referring = (text) => {
    const alone = /^\$\{(\w+)\}$/.exec(text);
    return alone ? { Ref: alone[1] } : { 'Fn::Sub': text };
  };
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (!value || typeof value !== 'object') return value;
    const sub = value['Fn::Sub'];
    if (typeof sub === 'string') return sub.match(REFERENCE) ? referring(named(sub)) : value;
    if (sub) return { 'Fn::Sub': [named(sub[0]), walk(sub[1])] };
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
  };
  const { Resources, Outputs, ...rest } = template;
  const changed = { ...rest, Resources: walk(Resources), Outputs: walk(Outputs) };
  if (Object.keys(Parameters).length) changed.Parameters = Parameters;
  return changed;
};

const ids = (template) => Object.keys(template.Parameters || {}).filter((id) => template.Parameters[id].Type === TYPE).sort();

/** Read what the template takes from SSM: the values by parameter, and the names that are not there. */
exports.read = async (template, stack) => {
  const found = await stack.parameters(ids(template).map((id) => template.Parameters[id].Default));
  const values = {};
  const missing = [];
  for (const id of ids(template)) {
    const name = template.Parameters[id].Default;
    if (found.has(name)) values[id] = found.get(name);
    else missing.push(name);
  }
  return { values, missing };
};

/** Say what a deployment lacks, and which services are to be deployed first. */
exports.lacking = (missing) => {
  const services = [...new Set(missing.map((name) => name.split('/')[3]))].join(', ');
  return `Deploy first, on this stage: ${services}. Nothing is published yet under ${missing.join(', ')}.`;
};

function references(value) {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!value || typeof value !== 'object') return typeof value === 'string' ? [...value.matchAll(/\$\{(From\w+)\}/g)].map(([, id]) => id) : [];
  return Object.entries(value).flatMap(([key, part]) => (key === 'Ref' ? [part] : references(part)));
}

/** Write the fingerprints of the values into the template (changed in place): parameters, functions and their versions. */
exports.mark = (template, values) => {
  for (const id of ids(template)) template.Parameters[id].Description = `Value ${fingerprint(values[id])}`;
  const { Resources } = template;
  const renamed = {};
  for (const [name, { Type, Properties }] of Object.entries(Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const used = [...new Set(references(Properties))].filter((id) => id in values).sort();
    if (!used.length) continue;
    const mark = fingerprint(used.map((id) => `${id}=${values[id]}`).join('\n'));
    Properties.Description = `${Properties.Description || name} (${mark})`;
    for (const [version, resource] of Object.entries(Resources)) {
      if (resource.Type === 'AWS::Lambda::Version' && resource.Properties.FunctionName.Ref === name) renamed[version] = version + mark;
    }
  }
  let text = JSON.stringify(template);
  for (const [before, after] of Object.entries(renamed)) text = text.replaceAll(`"${before}"`, `"${after}"`);
  Object.assign(template, JSON.parse(text));
};
