// How the parts of a template are called and found.
'use strict';

const pascal = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });
const ofType = (template, type) => Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

module.exports = { att, ofType, pascal };
