//! What ECS says about a service, in the port's words.

use aws_sdk_ecs::types;
use seaway_cloud::Deployment;
use seaway_cloud::RolloutState;
use seaway_cloud::Service;
use seaway_cloud::ServiceEvent;

use super::names::last_segment;
use super::names::short_definition;
use crate::time::sequence;
use crate::time::timestamp_or_epoch;

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Returns the service; healthy tasks are counted as the running ones until somebody looked.
pub(super) fn service(found: &types::Service) -> Service {
    let mut deployments: Vec<Deployment> = found.deployments().iter().map(deployment).collect();
    deployments.sort_by_key(|one| one.status != "PRIMARY");
    let primary = deployments.first().map(|one| one.task_definition.clone());
    Service {
        name: found.service_name().unwrap_or_default().to_owned(),
        cluster: last_segment(found.cluster_arn().unwrap_or_default()).to_owned(),
        task_definition: primary
            .unwrap_or_else(|| short_definition(found.task_definition().unwrap_or_default()).to_owned()),
        desired: count(found.desired_count()),
        running: count(found.running_count()),
        pending: count(found.pending_count()),
        deployments,
        events: events(found.events()),
    }
}

fn deployment(found: &types::Deployment) -> Deployment {
    let rollout_state = match found.rollout_state() {
        Some(types::DeploymentRolloutState::Completed) => RolloutState::Completed,
        Some(types::DeploymentRolloutState::Failed) => RolloutState::Failed,
        // Only the rolling controller says nothing: a deployment that has all it wants is through.
        None if found.running_count() >= found.desired_count() && found.pending_count() == 0 => {
            RolloutState::Completed
        }
        _ => RolloutState::InProgress,
    };
    Deployment {
        id: found.id().unwrap_or_default().to_owned(),
        status: found.status().unwrap_or_default().to_owned(),
        rollout_state,
        rollout_reason: found.rollout_state_reason().filter(|text| !text.is_empty()).map(str::to_owned),
        task_definition: short_definition(found.task_definition().unwrap_or_default()).to_owned(),
        desired: count(found.desired_count()),
        pending: count(found.pending_count()),
        running: count(found.running_count()),
        healthy: count(found.running_count()),
        failed: count(found.failed_tasks()),
        created: timestamp_or_epoch(found.created_at()),
        updated: timestamp_or_epoch(found.updated_at()),
    }
}

/// Returns the events, oldest first; ECS gives the newest 100, newest first, without numbers.
fn events(found: &[types::ServiceEvent]) -> Vec<ServiceEvent> {
    let mut all: Vec<_> = found
        .iter()
        .rev()
        .map(|event| (timestamp_or_epoch(event.created_at()), event.message().unwrap_or_default().to_owned()))
        .collect();
    all.sort_by_key(|(time, _)| *time);
    let numbers = sequence(all.iter().map(|(time, _)| *time), 0);
    all.into_iter().zip(numbers).map(|((time, message), seq)| ServiceEvent { seq, time, message }).collect()
}

/// Returns the ARNs of the target groups that a service registers its tasks with, both colours.
pub(super) fn target_groups(found: &types::Service) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for balancer in found.load_balancers() {
        let alternate = balancer.advanced_configuration().and_then(|more| more.alternate_target_group_arn());
        for arn in [balancer.target_group_arn(), alternate].into_iter().flatten() {
            if !arn.is_empty() && !all.iter().any(|known| known == arn) {
                all.push(arn.to_owned());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::primitives::DateTime;

    use super::*;

    fn event(seconds: i64, message: &str) -> types::ServiceEvent {
        types::ServiceEvent::builder().created_at(DateTime::from_secs(seconds)).message(message).build()
    }

    fn raw(id: &str, status: &str, state: Option<types::DeploymentRolloutState>) -> types::Deployment {
        types::Deployment::builder()
            .id(id)
            .status(status)
            .set_rollout_state(state)
            .task_definition("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3")
            .desired_count(2)
            .running_count(1)
            .pending_count(1)
            .failed_tasks(4)
            .build()
    }

    #[test]
    fn the_primary_is_first() {
        let found = types::Service::builder()
            .service_name("web")
            .cluster_arn("arn:aws:ecs:eu-west-1:123456789012:cluster/shop")
            .desired_count(2)
            .running_count(3)
            .deployments(raw("ecs-svc/1", "ACTIVE", Some(types::DeploymentRolloutState::Completed)))
            .deployments(raw("ecs-svc/2", "PRIMARY", None))
            .events(event(2, "second"))
            .events(event(1, "first"))
            .build();
        let service = service(&found);
        assert_eq!((service.name.as_str(), service.cluster.as_str()), ("web", "shop"));
        assert_eq!((service.desired, service.running, service.task_definition.as_str()), (2, 3, "web:3"));
        let states: Vec<_> =
            service.deployments.iter().map(|one| (one.id.as_str(), one.rollout_state)).collect();
        assert_eq!(states, [("ecs-svc/2", RolloutState::InProgress), ("ecs-svc/1", RolloutState::Completed)]);
        assert_eq!(service.deployments[0].failed, 4);
        let events: Vec<_> = service.events.iter().map(|event| (event.seq, event.message.as_str())).collect();
        assert_eq!(events, [(1_000_000, "first"), (2_000_000, "second")]);
    }

    #[test]
    fn both_colours_count() {
        let more = types::AdvancedConfiguration::builder().alternate_target_group_arn("green").build();
        let found = types::Service::builder()
            .load_balancers(
                types::LoadBalancer::builder().target_group_arn("blue").advanced_configuration(more).build(),
            )
            .load_balancers(types::LoadBalancer::builder().target_group_arn("blue").build())
            .build();
        assert_eq!(target_groups(&found), ["blue", "green"]);
    }
}
