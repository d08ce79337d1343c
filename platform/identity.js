// Whether what runs is what was released is asked from outside, twice a day (tools/identity.py, docs/pipeline/identity.yml), so that whoever
// may change what runs here cannot change the answer unseen. It publishes how many packages differ: one that does rings, and so does a
// day without an answer.
'use strict';

const { alarm, metric } = require('../shared/serverless/alarm');

const HALF_A_DAY = 12 * 3600;
const BEATS = 72; // of the wallet's outbox, one in five minutes: half of what it has in that time

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const checks = metric('Betsafi', 'SoftwareDifferences', { service: 'platform', stage });
  const beats = metric('Betsafi', 'OutboxHeartbeat', { service: 'wallet', stage });
  return {
    Resources: {
      SoftwareDiffersAlarm: alarm(`platform (${stage}): something runs that was not released`, checks, { Period: 3600 }),
      SoftwareUncheckedAlarm: {
        ...alarm(`platform (${stage}): nobody has compared what runs with what was released for a day`, {
          expression: `IF(beats > ${BEATS} AND FILL(checks, 0) < 1, 1, 0)`, of: { beats, checks },
        }, { Statistic: 'SampleCount', Period: HALF_A_DAY, EvaluationPeriods: 2 }),
        // What comes and goes has no pipeline.
        Condition: 'Stays',
      },
    },
  };
};
