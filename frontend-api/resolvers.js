// Every field's resolver, from the schema itself: schema/<service>.graphql is answered by that service's function, its part
// of a PlayerUpdate among it, and what
// it adds to PlayerChanges, to Player, staff's view of one, and to PlayerExport (`extend type …`); schema/trading.graphql by bet's function for traders and
// schema/staff.graphql by users' for staff; schema/changes.graphql by frontend-api's own; schema/realtime.graphql by nobody. A service
// adds a field to its schema and to its function, and to nothing else.
'use strict';
const fs = require('fs');
const path = require('path');
const { Kind, parse } = require('graphql');

const folder = path.join(__dirname, 'schema');
const ROOTS = ['Query', 'Mutation', 'Subscription', 'PlayerUpdate', 'PlayerChanges', 'Player', 'PlayerExport'];
const OF_A_PLAYER = ['Player', 'PlayerExport'];
// Of these types the function that returns one fills in what stands in the definition itself.
const FILLED_IN = [...OF_A_PLAYER, 'PlayerChanges'];

// What players and staff may both ask for, beside what anybody may (`@aws_api_key`) and our functions (`@aws_iam`). Any other field is for
// staff if its mark names groups, else for players.
const FOR_BOTH = ['Query.paymentChannels'];

function invoked(type, field) {
  const marks = field.directives.map((directive) => directive.name.value);
  const open = marks.includes('aws_iam') || marks.includes('aws_api_key') || FOR_BOTH.includes(`${type}.${field.name.value}`);
  if (type === 'PlayerUpdate' || open) return 'invoke';
  if (type === 'PlayerChanges') return 'changed';
  if (OF_A_PLAYER.includes(type)) return 'staff';
  const byGroup = field.directives.some((directive) => directive.arguments.some((argument) => argument.name.value === 'cognito_groups'));
  return byGroup ? 'staff' : 'player';
}

function realtime(type, field) {
  if (type === 'Mutation') return 'publish';
  return field.arguments.some((argument) => argument.name.value === 'userId') ? 'own' : 'open';
}

function resolversOf(source) {
  const { definitions } = parse(fs.readFileSync(path.join(folder, `${source}.graphql`), 'utf8'));
  const roots = definitions.filter((definition) =>
    [Kind.OBJECT_TYPE_DEFINITION, Kind.OBJECT_TYPE_EXTENSION].includes(definition.kind) && ROOTS.includes(definition.name.value)
    && !(definition.kind === Kind.OBJECT_TYPE_DEFINITION && FILLED_IN.includes(definition.name.value)));
  const local = source === 'realtime';
  const resolved = roots.filter((root) => !(local && root.name.value === 'PlayerUpdate'));
  return resolved.flatMap((root) => (root.fields || []).map((field) => {
    const type = root.name.value;
    return [`${type}.${field.name.value}`, {
      kind: 'UNIT',
      dataSource: local ? 'none' : source,
      code: `resolvers/${(local ? realtime : invoked)(type, field)}.js`,
    }];
  }));
}

module.exports = () => Object.fromEntries(
  fs.readdirSync(folder).sort().map((file) => path.basename(file, '.graphql')).flatMap(resolversOf));
