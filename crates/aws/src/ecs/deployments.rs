//! Service deployments: what ECS says about a rollout as a whole.

use aws_sdk_ecs::types;
use seaway_cloud::Result;
use seaway_cloud::ServiceRef;

use crate::AwsCloud;
use crate::failure::failed;

/// States in which a service deployment can be stopped, or is on its way back.
const UNDER_WAY: [types::ServiceDeploymentStatus; 5] = [
    types::ServiceDeploymentStatus::Pending,
    types::ServiceDeploymentStatus::InProgress,
    types::ServiceDeploymentStatus::StopRequested,
    types::ServiceDeploymentStatus::RollbackRequested,
    types::ServiceDeploymentStatus::RollbackInProgress,
];

/// Returns what is worth telling about a rollout: its stage, the circuit breaker's count, alarms,
/// why it goes back; `None` where all of it is ordinary.
pub(super) fn tell(deployment: &types::ServiceDeployment) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(status) = deployment.status().filter(|status| status.as_str().starts_with("ROLLBACK")) {
        parts.push(status.as_str().to_lowercase().replace('_', " "));
    }
    parts.extend(deployment.rollback().and_then(types::Rollback::reason).map(str::to_owned));
    parts.extend(deployment.status_reason().map(str::to_owned));
    if let Some(stage) = deployment.lifecycle_stage() {
        parts.push(format!("stage {}", stage.as_str().to_lowercase().replace('_', " ")));
    }
    if let Some(breaker) = deployment.deployment_circuit_breaker().filter(|one| one.failure_count() > 0) {
        let (count, threshold) = (breaker.failure_count(), breaker.threshold());
        parts.push(format!("circuit breaker: {count} of {threshold} failures"));
    }
    let alarms = deployment.alarms().map(types::ServiceDeploymentAlarms::triggered_alarm_names);
    if let Some(alarms) = alarms.filter(|names| !names.is_empty()) {
        parts.push(format!("alarms: {}", alarms.join(", ")));
    }
    parts.retain(|part| !part.is_empty());
    (!parts.is_empty()).then(|| parts.join("; "))
}

impl AwsCloud {
    /// Returns the ARN of the service deployment that is under way.
    pub(super) async fn deployment_under_way(&self, service: &ServiceRef) -> Result<Option<String>> {
        let request = self
            .ecs
            .list_service_deployments()
            .cluster(&service.cluster)
            .service(&service.service)
            .set_status(Some(UNDER_WAY.to_vec()));
        let answer = request.send().await;
        let answer =
            answer.map_err(|error| failed(format!("list the deployments of {}", service.service), error))?;
        // A service has one deployment at a time; were there two, the newer one counts.
        let newest = answer.service_deployments.unwrap_or_default().into_iter().max_by_key(|one| {
            one.created_at().map(aws_sdk_ecs::primitives::DateTime::as_nanos).unwrap_or_default()
        });
        Ok(newest.and_then(|one| one.service_deployment_arn))
    }

    /// Returns the service deployment that is under way.
    pub(super) async fn rollout(&self, service: &ServiceRef) -> Result<Option<types::ServiceDeployment>> {
        let Some(arn) = self.deployment_under_way(service).await? else { return Ok(None) };
        let answer = self.ecs.describe_service_deployments().service_deployment_arns(arn).send().await;
        let answer = answer
            .map_err(|error| failed(format!("describe the deployment of {}", service.service), error))?;
        Ok(answer.service_deployments.unwrap_or_default().into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_telling() {
        let plain = types::ServiceDeployment::builder().status(types::ServiceDeploymentStatus::InProgress);
        assert_eq!(tell(&plain.clone().build()), None);
        let breaker = types::ServiceDeploymentCircuitBreaker::builder().failure_count(2).threshold(3).build();
        let rollback = types::Rollback::builder().reason("Circuit breaker triggered").build();
        let alarms = types::ServiceDeploymentAlarms::builder().triggered_alarm_names("errors").build();
        let back = plain
            .status(types::ServiceDeploymentStatus::RollbackInProgress)
            .lifecycle_stage(types::ServiceDeploymentLifecycleStage::ScaleUp)
            .deployment_circuit_breaker(breaker)
            .rollback(rollback)
            .alarms(alarms)
            .build();
        assert_eq!(
            tell(&back).unwrap(),
            "rollback in progress; Circuit breaker triggered; stage scale up; \
             circuit breaker: 2 of 3 failures; alarms: errors"
        );
    }
}
