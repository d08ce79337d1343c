// What a stage is called, and what that means. stages.json is the one rule, for the serverless files and for tools/base/stages.py:
// a stage is the laptop, production, permanent (it stays, and has a callback domain as production has) or, if it is not
// listed, temporary. A name is short because the archive's bucket has the account and the region in its name as well.
'use strict';
const rule = require('./stages.json');

const kind = (stage) => ['laptop', 'permanent', 'production'].find((listed) => rule[listed].includes(stage)) || 'temporary';

/** Why a stage may not be called so, in one sentence; nothing if it may. */
function refusal(stage) {
  if (!new RegExp(rule.name).test(stage)) {
    return `A stage is called by 1 to 11 small letters and digits, a letter first: ${stage} is not.`;
  }
  if (new RegExp(rule.soundsLikeProduction).test(stage) && kind(stage) !== 'production') {
    return `${stage} sounds like production and is not listed as production in shared/serverless/stages.json (${rule.production.join(', ')}).`;
  }
  return undefined;
}

// As a variable: `stage: ${file(../shared/serverless/stages.js)}`, then ${self:custom.stage.kind}.
module.exports = async ({ resolveVariable }) => ({ kind: kind(await resolveVariable('sls:stage')) });
Object.assign(module.exports, { kind, refusal });
