//! Targets of load balancers.

use aws_sdk_elasticloadbalancingv2::types;
use futures::future::try_join_all;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::TargetHealth;

use crate::AwsCloud;
use crate::failure::failed;

/// Health of one target of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// IP address (or instance id).
    pub(crate) id: String,
    /// How it does.
    pub(crate) health: TargetHealth,
}

fn target(group: &str, found: &types::TargetHealthDescription) -> Option<Target> {
    let id = found.target()?.id()?.to_owned();
    let health = found.target_health();
    Some(Target {
        id,
        health: TargetHealth {
            target_group: group.rsplit('/').nth(1).unwrap_or(group).to_owned(),
            state: health
                .and_then(types::TargetHealth::state)
                .map_or_else(String::new, |s| s.as_str().to_owned()),
            reason: health.and_then(types::TargetHealth::reason).map(|reason| reason.as_str().to_owned()),
            description: health.and_then(types::TargetHealth::description).map(str::to_owned),
        },
    })
}

impl AwsCloud {
    /// Returns all targets of these groups; a group that is gone has none.
    pub(crate) async fn targets(&self, groups: &[String]) -> Result<Vec<Target>> {
        let of_group = |group: &String| {
            let group = group.clone();
            async move {
                let answer = self.elb.describe_target_health().target_group_arn(&group).send().await;
                match answer.map_err(|error| failed(format!("describe the targets of {group}"), error)) {
                    Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
                    Err(error) => Err(error),
                    Ok(answer) => {
                        let all = answer.target_health_descriptions();
                        Ok(all.iter().filter_map(|found| target(&group, found)).collect::<Vec<_>>())
                    }
                }
            }
        };
        let all = try_join_all(groups.iter().map(of_group)).await?;
        Ok(all.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_in_words() {
        let found = types::TargetHealthDescription::builder()
            .target(types::TargetDescription::builder().id("10.0.0.7").port(8080).build())
            .target_health(
                types::TargetHealth::builder()
                    .state(types::TargetHealthStateEnum::Unhealthy)
                    .reason(types::TargetHealthReasonEnum::ResponseCodeMismatch)
                    .description("Health checks failed with these codes: [503]")
                    .build(),
            )
            .build();
        let target = target("arn:aws:elasticloadbalancing:r:a:targetgroup/web/0123", &found).unwrap();
        assert_eq!((target.id.as_str(), target.health.target_group.as_str()), ("10.0.0.7", "web"));
        assert_eq!(target.health.state, "unhealthy");
        assert_eq!(target.health.reason.as_deref(), Some("Target.ResponseCodeMismatch"));
    }
}
