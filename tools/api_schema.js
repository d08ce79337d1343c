// The API's schema in one piece, for who generates code from it: build/schema/schema.graphql, with AppSync's scalars and directives, and
// schema.json, the introspection.
//
// `node tools/api_schema.js` writes them. `--check` writes nothing, has graphql-js, graphql-codegen (TypeScript) and Amplify's generator
// (Swift, Angular) take them, and fails where an app that was built for the last published schema would break, unless what it uses was
// deprecated there. `--publish` does both for a release: what it writes, shared/schema, is what the next one is compared with. `--gone` says
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
const SCALARS = { AWSDate: 'string', AWSDateTime: 'string' };

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

/** Return how apps that were built for a published document would break, in sentences. */
function breaks(published, document) {
  const found = findBreakingChanges(buildASTSchema(lasting(published)), buildASTSchema(document));
  return found.map((change) => `${change.description} Apps that were released use it: deprecate it (@deprecated), and remove it a release later.`);
}

/** Return what a published document had and this one has not, in sentences. */
function gone(published, document) {
  return findBreakingChanges(buildASTSchema(published), buildASTSchema(document)).map((change) => change.description);
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
  const before = fs.existsSync(file) ? parse(fs.readFileSync(file, 'utf8')) : document;
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
