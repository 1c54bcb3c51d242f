//! The log group.

use seaway_cfn::Resource;

use super::stack::Parts;
use crate::builder::Builder;

/// Logical id of the log group.
pub(super) const LOG_GROUP: &str = "LogGroup";

/// Adds the log group. It goes with the stack: logs that must last belong in an archive.
pub(super) fn synth(parts: &Parts<'_, '_>, builder: &mut Builder) {
    let context = parts.context;
    builder.resource(
        LOG_GROUP,
        Resource::new("AWS::Logs::LogGroup")
            .with("LogGroupName", context.names.log_group(&parts.workload.name))
            .with("RetentionInDays", context.app.environment.log_retention)
            .with("Tags", parts.tags.clone())
            .retained("Delete"),
    );
}
