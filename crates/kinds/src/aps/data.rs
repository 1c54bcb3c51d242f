//! Workspaces of Amazon Managed Service for Prometheus.

use crate::Facts;
use crate::Lasting;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;
use crate::properties::Property;
use crate::properties::Type;

/// What is known of workspaces.
pub(crate) static FACTS: Facts = Facts {
    key: "x-aps",
    title: "Prometheus workspaces (Amazon Managed Service for Prometheus)",
    id_prefix: "Workspace",
    resource_type: "AWS::APS::Workspace",
    access: &[
        level(
            "RW",
            &[
                "aps:GetLabels",
                "aps:GetMetricMetadata",
                "aps:GetSeries",
                "aps:QueryMetrics",
                "aps:RemoteWrite",
            ],
            "write and query metrics",
        ),
        level(
            "Query",
            &["aps:GetLabels", "aps:GetMetricMetadata", "aps:GetSeries", "aps:QueryMetrics"],
            "query metrics",
        ),
        level("Write", &["aps:RemoteWrite"], "write metrics"),
    ],
    attributes: &[
        attribute("PrometheusEndpoint", Source::Att("PrometheusEndpoint")),
        attribute("WorkspaceId", Source::Att("WorkspaceId")),
        attribute("Arn", Source::Att("Arn")),
    ],
    default_attribute: "PrometheusEndpoint",
    arn_attribute: "Arn",
    variable_suffix: "PROMETHEUS_ENDPOINT",
    settings: &[Property { name: "Retain", kind: Type::Truth }],
    lasting: Lasting::Retain,
    example: "\
x-aps:
  metrics:
    Services:
      api: { Access: Write }
",
    ..Facts::NONE
};
