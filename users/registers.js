// Who is asked about players, as params.yml has it. A stage that stays has to say so at each deployment, and says `none` where nobody is:
// a forgotten variable would let excluded players in.
'use strict';

const asked = (url) => (url === 'none' ? '' : url);

module.exports = async ({ resolveVariable }) => ({
  exclusion: asked(await resolveVariable('param:exclusionRegisterUrl')),
  identity: asked(await resolveVariable('param:identityRegisterUrl')),
});
