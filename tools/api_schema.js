// The API's schema in one piece, for who generates code from it: build/schema/schema.graphql, with AppSync's scalars and directives, and
// schema.json, the introspection.
//
// `node tools/api_schema.js` writes them. `--check` writes nothing, has graphql-js, graphql-codegen (TypeScript) and Amplify's generator
// (Swift, Angular) take them, and fails where an app that was built for the last published schema would break, also because it may not ask
// any more, unless what it uses was deprecated there; and where a version was released and that schema is missing. `--publish` does both for a release: what it writes, shared/schema, is what the next one is compared with. `--gone` says
// what was published and is no more, deprecated or not: what makes a version a larger one.
'use strict';
const fs = require('fs');
const path = require('path');
const {
  buildASTSchema, findBreakingChanges, introspectionFromSchema, Kind, parse, print, validateSchema, visit,
} = require('graphql');

const ROOT = path.join(__dirname, '..');
const SOURCES = path.join(ROOT, 'frontend-api', 'schema');
const APPSYNC = path.join(ROOT, 'shared', 'schema', 'appsync.graphql');
const PUBLISHED = path.join(ROOT, 'shared', 'schema');
const BUILT = path.join(ROOT, 'build', 'schema');
const ROOT_TYPES = ['Query', 'Mutation', 'Subscription'];
const SCALARS = { AWSDate: 'string', AWSDateTime: 'string', AWSURL: 'string' };

/** Return the schema of some texts as one document: each `extend type` within its type, and nothing that is not used. */
function compose(texts) {
  const all = texts.flatMap((text) => parse(text).definitions);
  const whole = all.filter((definition) => definition.kind !== Kind.OBJECT_TYPE_EXTENSION);
  return used({ kind: Kind.DOCUMENT, definitions: whole.map((definition) => {
    const parts = all.filter((part) => part.kind === Kind.OBJECT_TYPE_EXTENSION && part.name.value === definition.name.value);
    return parts.length ? { ...definition, fields: [definition, ...parts].flatMap((part) => part.fields ?? []) } : definition;
  }) });
}

/** Return a document without the types and directives that nothing leads to. */
function used(document) {
  const known = new Map(document.definitions.map((definition) => [definition.name.value, definition]));
  const reached = new Set();
  const waiting = [...ROOT_TYPES];
  while (waiting.length) {
    const name = waiting.pop();
    if (!reached.has(name) && known.has(name)) {
      reached.add(name);
      visit(known.get(name), {
        NamedType: (node) => { waiting.push(node.name.value); },
        Directive: (node) => { waiting.push(node.name.value); },
      });
    }
  }
  return { ...document, definitions: document.definitions.filter((definition) => reached.has(definition.name.value)) };
}

/** Return the schema that is deployed, as a document. */
function current() {
  const ours = fs.readdirSync(SOURCES).filter((name) => name.endsWith('.graphql')).sort().map((name) => path.join(SOURCES, name));
  return compose([APPSYNC, ...ours].map((file) => fs.readFileSync(file, 'utf8')));
}

/** Return what the published files should say of a document. Throws where graphql-js does not take it. */
function files(document) {
  const schema = buildASTSchema(document);
  const errors = validateSchema(schema);
  if (errors.length) throw new Error(errors.join('\n'));
  return {
    'schema.graphql': `${print(document)}\n`,
    'schema.json': `${JSON.stringify(introspectionFromSchema(schema), null, 1)}\n`,
  };
}

/** Return a document without what is deprecated in it. */
function lasting(document) {
  const isDeprecated = (node) => (node.directives ?? []).some((directive) => directive.name.value === 'deprecated');
  return used(visit(document, { enter: (node) => (isDeprecated(node) ? null : undefined) }));
}

/** Return what each field's marks say, by field: who may ask (by group, "anybody" without any), and what it hears. A type's are its fields'. */
function marks(document) {
  const found = new Map();
  for (const type of document.definitions.filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION)) {
    for (const field of type.fields) {
      const hears = (mark) => mark.name.value === 'aws_subscribe';
      const own = field.directives.filter((mark) => !hears(mark) && mark.name.value.startsWith('aws_'));
      const open = own.length ? own : type.directives.filter((mark) => mark.name.value.startsWith('aws_'));
      found.set(`${type.name.value}.${field.name.value}`, [...open, ...field.directives.filter(hears)].flatMap(said));
    }
  }
  return found;
}

/** Return what a mark says, as one text for each of its values. */
function said(mark) {
  const values = mark.arguments.flatMap(({ value }) => value.values.map((each) => each.value));
  return (values.length ? values : ['anybody']).map((value) => `@${mark.name.value} (${value})`);
}

/** Return whose apps a document shuts out of what a published one let them ask or hear, in sentences. Anybody stands for every group. */
function shut(published, document) {
  const now = marks(document);
  return [...marks(published)].filter(([field]) => now.has(field)).flatMap(([field, before]) => before
    .filter((mark) => !now.get(field).includes(mark) && !now.get(field).includes(mark.replace(/\(.*/, '(anybody)')))
    .map((mark) => `${field} lost ${mark}.`));
}

/** Return what a published document had, or let somebody do, and this one has or lets not, in sentences. */
function gone(published, document) {
  const changes = findBreakingChanges(buildASTSchema(published), buildASTSchema(document));
  return [...changes.map((change) => change.description), ...shut(published, document)];
}

/** Return how apps that were built for a published document would break, in sentences. */
function breaks(published, document) {
  return gone(lasting(published), document)
    .map((change) => `${change} Apps that were released use it: deprecate it (@deprecated), and remove it a release later.`);
}

/** Return whether a version was released, by what is in every checkout: a shallow one has no tags. */
function wasReleased() {
  return /^## \S+ \((?!not released yet\))/m.test(fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8'));
}

/** Return what the code generators make of the published files, by name. Throws where one does not take them. */
async function generate(written) {
  const { codegen } = require('@graphql-codegen/core');
  // What `@aws-amplify/graphql-generator` calls for these targets; it brings 120 more packages for others.
  const { generateGraphQLDocuments } = require('@aws-amplify/graphql-docs-generator');
  const { generateFromString } = require('@aws-amplify/graphql-types-generator');
  const typescript = await codegen({
    schema: parse(written['schema.graphql']),
    documents: [],
    config: { strictScalars: true, scalars: SCALARS },
    plugins: [{ typescript: {} }],
    pluginMap: { typescript: require('@graphql-codegen/typescript') },
    filename: 'schema.ts',
  });
  const schema = written['schema.json'];
  const asked = generateGraphQLDocuments(schema, { maxDepth: 2, useExternalFragmentForS3Object: true, typenameIntrospection: true, includeMetaData: true });
  const queries = Object.values(asked).flatMap((kind) => [...kind.values()]).map((each) => each.graphql ?? each).join('\n');
  const made = { 'schema.ts': typescript };
  for (const target of ['swift', 'angular']) {
    const types = await generateFromString(schema, true, queries, target, false, { addTypename: true, complexObjectSupport: 'auto' });
    for (const [file, text] of Object.entries(types)) made[path.basename(file)] = text;
  }
  return made;
}

async function main(mode) {
  const document = current();
  const written = files(document);
  const file = path.join(PUBLISHED, 'schema.graphql');
  const isPublished = fs.existsSync(file);
  if (mode && !isPublished && wasReleased()) {
    throw new Error(`${path.relative(ROOT, file)} is missing, which the last release published: git checkout v<version> -- shared/schema`);
  }
  const before = isPublished ? parse(fs.readFileSync(file, 'utf8')) : document;
  if (mode === '--gone') {
    for (const sentence of gone(before, document)) console.log(sentence);
    return;
  }
  if (mode) {
    const found = breaks(before, document);
    if (found.length) throw new Error(found.join('\n'));
    await generate(written);
  }
  const folder = { '--publish': PUBLISHED, undefined: BUILT }[mode];
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(written)) fs.writeFileSync(path.join(folder, name), text);
  console.log(`The API's schema is in ${path.relative(process.cwd(), folder)}`);
}

module.exports = { SCALARS, breaks, compose, current, files, generate };

if (require.main === module) {
  main(process.argv[2]).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
