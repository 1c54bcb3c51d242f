//! The port's operations on services.

use async_trait::async_trait;
use aws_sdk_ecs::types;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Health;
use seaway_cloud::Result;
use seaway_cloud::RolloutState;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::Services;
use seaway_cloud::StopType;
use seaway_cloud::Task;
use seaway_cloud::TaskFilter;

use super::deployments::tell;
use super::service_view;
use crate::AwsCloud;
use crate::failure::failed;

/// A task that runs and passes all checks that it has.
fn healthy(task: &Task) -> bool {
    task.last_status == "RUNNING"
        && task.health != Health::Unhealthy
        && task.targets.iter().all(|target| target.state == "healthy")
}

#[async_trait]
impl Services for AwsCloud {
    async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        let Some(found) = self.find_service(&service.cluster, &service.service).await? else {
            return Ok(None);
        };
        let mut answer = service_view::service(&found);
        let moving = |one: &seaway_cloud::Deployment| one.rollout_state != RolloutState::Completed;
        if !answer.deployments.iter().any(moving) {
            return Ok(Some(answer));
        }
        // ECS does not count healthy tasks; a new one runs long before it serves.
        let filter = TaskFilter {
            cluster: Some(service.cluster.clone()),
            group: Some(format!("service:{}", answer.name)),
            ..TaskFilter::default()
        };
        let (tasks, rollout) = futures::future::join(self.find_tasks(&filter), self.rollout(service)).await;
        let tasks = tasks?;
        for deployment in &mut answer.deployments {
            let own = tasks.iter().filter(|task| task.started_by == deployment.id && healthy(task));
            deployment.healthy = u32::try_from(own.count()).unwrap_or(u32::MAX);
        }
        // Older clusters and emulators have no service deployments: the rest stands without them.
        if let (Ok(Some(rollout)), Some(primary)) = (rollout, answer.deployments.first_mut())
            && let Some(text) = tell(&rollout)
        {
            primary.rollout_reason = Some(match primary.rollout_reason.take() {
                Some(reason) => format!("{reason} ({text})"),
                None => text,
            });
        }
        Ok(Some(answer))
    }

    async fn stop_deployment(&self, service: &ServiceRef, stop: StopType, reason: &str) -> Result<()> {
        let operation = format!("stop the deployment of service {}", service.service);
        let Some(arn) = self.deployment_under_way(service).await? else {
            return Err(CloudError::new(ErrorKind::Validation, operation, "no deployment is in progress"));
        };
        let kind = match stop {
            StopType::Rollback => types::StopServiceDeploymentStopType::Rollback,
            StopType::Abort => types::StopServiceDeploymentStopType::Abort,
        };
        // StopServiceDeployment has no field for `reason`: the release record and the dossier keep it.
        let _ = reason;
        let request = self.ecs.stop_service_deployment().service_deployment_arn(arn).stop_type(kind);
        request.send().await.map(drop).map_err(|error| failed(operation, error))
    }

    async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()> {
        let operation = format!("update service {}", service.service);
        let desired = update.desired.map(i32::try_from).transpose().map_err(|_| {
            CloudError::new(ErrorKind::Validation, &operation, "the desired count is too large")
        })?;
        let request = self
            .ecs
            .update_service()
            .cluster(&service.cluster)
            .service(&service.service)
            .set_desired_count(desired)
            .set_force_new_deployment(update.force_new_deployment.then_some(true));
        request.send().await.map(drop).map_err(|error| failed(operation, error))
    }
}

impl AwsCloud {
    /// Returns the service; one that was deleted (`INACTIVE`) does not count.
    pub(super) async fn find_service(&self, cluster: &str, service: &str) -> Result<Option<types::Service>> {
        let operation = || format!("describe service {service}");
        let answer = self.ecs.describe_services().cluster(cluster).services(service).send().await;
        let answer = match answer.map_err(|error| failed(operation(), error)) {
            // A cluster that is not there has no services.
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let failure = answer.failures().iter().find(|one| one.reason() != Some("MISSING"));
        if let Some(failure) = failure {
            let reason = failure.reason().or(failure.detail()).unwrap_or("ECS gave no reason");
            return Err(CloudError::new(ErrorKind::Validation, operation(), reason));
        }
        let found =
            answer.services.unwrap_or_default().into_iter().find(|one| one.status() != Some("INACTIVE"));
        if let Some(found) = &found {
            let key = format!("{cluster}/{}", found.service_name().unwrap_or_default());
            self.memory().target_groups.insert(key, service_view::target_groups(found));
        }
        Ok(found)
    }
}
