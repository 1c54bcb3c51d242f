//! Facts about alarms.

use crate::Facts;
use crate::Source;
use crate::kind::attribute;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of alarms.
pub(super) static FACTS: Facts = Facts {
    key: "x-alarms",
    title: "Alarms (Amazon CloudWatch)",
    id_prefix: "Alarm",
    resource_type: "AWS::CloudWatch::Alarm",
    access: &[],
    attributes: &[attribute("Name", Source::Ref), attribute("Arn", Source::Att("Arn"))],
    default_attribute: "Name",
    arn_attribute: "Arn",
    variable_suffix: "",
    macros: &[Property { name: "CompositeExpression", kind: Type::Text }],
    keys: &["Topics"],
    without_access: true,
    example: "\
x-alarms:
  backlog:
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{ Name: QueueName, Value: 'x-sqs::orders::QueueName' }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 5
      Threshold: 300
      ComparisonOperator: GreaterThanThreshold
    Topics: [{ x-sns: operators }]
  trouble:
    MacroParameters: { CompositeExpression: ALARM(backlog) }
    Topics: [{ x-sns: operators, NotifyOn: all }]
x-sns:
  operators: {}
x-sqs:
  orders: {}
",
    ..Facts::NONE
};
