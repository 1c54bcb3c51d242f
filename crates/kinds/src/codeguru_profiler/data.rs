//! Profiling groups of Amazon CodeGuru.

use crate::Facts;
use crate::Source;
use crate::kind::attribute;
use crate::kind::level;

/// What is known of profiling groups.
pub(crate) static FACTS: Facts = Facts {
    key: "x-codeguru_profiler",
    title: "Profiling groups (Amazon CodeGuru Profiler)",
    id_prefix: "Profiler",
    resource_type: "AWS::CodeGuruProfiler::ProfilingGroup",
    access: &[level(
        "RW",
        &["codeguru-profiler:ConfigureAgent", "codeguru-profiler:PostAgentProfile"],
        "what the agent needs",
    )],
    attributes: &[attribute("ProfilingGroupName", Source::Ref), attribute("Arn", Source::Att("Arn"))],
    default_attribute: "ProfilingGroupName",
    arn_attribute: "Arn",
    variable_suffix: "PROFILING_GROUP",
    example: "\
x-codeguru_profiler:
  api:
    Properties: { ProfilingGroupName: shop-api, ComputePlatform: Default }
    Services:
      api:
        Access: RW
        ReturnValues: { ProfilingGroupName: AWS_CODEGURU_PROFILER_GROUP_NAME }
",
    ..Facts::NONE
};
