// One alarm. Whom it reaches, and the runbook that it names, are in alarms.js; watch.js writes both into the template.
'use strict';

// `metrics` is a metric, or metrics by name with `expression` over them. `options` are properties of the alarm.
const alarm = (description, metrics, options = {}) => {
  const { Period = 60, Statistic, ExtendedStatistic, ...rest } = options;
  const stat = Statistic || ExtendedStatistic || 'Maximum';
  const measured = metrics.expression
    ? {
      Metrics: [
        { Id: 'shown', Expression: metrics.expression, Label: description, ReturnData: true },
        ...Object.entries(metrics.of).map(([Id, metric]) => ({
          Id, ReturnData: false, MetricStat: { Metric: named(metric), Period, Stat: stat },
        })),
      ],
    }
    : { ...named(metrics), Period, ...(ExtendedStatistic ? { ExtendedStatistic } : { Statistic: stat }) };
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: description,
      ...measured,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...rest,
    },
  };
};

const metric = (namespace, name, dimensions) => ({ namespace, name, dimensions });

const named = ({ namespace, name, dimensions }) => ({
  Namespace: namespace,
  MetricName: name,
  ...(Object.keys(dimensions).length && { Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) }),
});

module.exports = { alarm, metric };
