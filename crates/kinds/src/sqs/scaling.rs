//! Scaling by the number of waiting messages.

use indexmap::IndexMap;
use seaway_cfn::Value;

use crate::Metric;

/// Returns the alarm: more than nothing waits, for a minute. A metric of SQS comes once a minute.
pub(super) fn metric() -> Metric {
    Metric {
        alarm: IndexMap::from([
            ("Namespace".to_owned(), Value::from("AWS/SQS")),
            ("MetricName".to_owned(), Value::from("ApproximateNumberOfMessagesVisible")),
            ("Statistic".to_owned(), Value::from("Maximum")),
            ("Period".to_owned(), Value::from(60_i64)),
            ("EvaluationPeriods".to_owned(), Value::from(1_i64)),
            ("ComparisonOperator".to_owned(), Value::from("GreaterThanOrEqualToThreshold")),
            ("TreatMissingData".to_owned(), Value::from("notBreaching")),
        ]),
        dimension: Some(("QueueName", "QueueName")),
    }
}
