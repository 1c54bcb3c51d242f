//! The port's questions about services and schedules.

use indexmap::IndexMap;
use jiff::Timestamp;
use seaway_cloud::CloudError;
use seaway_cloud::Deployment;
use seaway_cloud::ErrorKind;
use seaway_cloud::Result;
use seaway_cloud::RolloutState;
use seaway_cloud::Schedule;
use seaway_cloud::Service;
use seaway_cloud::ServiceRef;
use seaway_cloud::ServiceUpdate;
use seaway_cloud::StopType;

use super::Ecs;
use super::deployment;
use super::ids;
use super::inner::Part;
use super::schedule;
use super::service;
use super::state::DeploymentRecord;
use super::state::ServiceRecord;
use super::state::TaskRecord;

/// Returns the key of a service: a reference holds names or ARNs.
fn key(service: &ServiceRef) -> String {
    format!("{}/{}", ids::last_part(&service.cluster), ids::last_part(&service.service))
}

fn not_found(operation: &str, service: &ServiceRef) -> CloudError {
    let text = format!("there is no service {} in cluster {}", service.service, service.cluster);
    CloudError::new(ErrorKind::NotFound, format!("{operation} service {}", service.service), text)
}

fn shown(record: &DeploymentRecord, place: usize, desired: u32, tasks: &[&TaskRecord]) -> Deployment {
    let mine = || tasks.iter().filter(|task| task.deployment.as_deref() == Some(record.id.as_str()));
    let count = |wanted: &dyn Fn(&TaskRecord) -> bool| mine().filter(|task| wanted(task)).count() as u32;
    Deployment {
        id: record.id.clone(),
        status: if place == 0 { "PRIMARY" } else { "ACTIVE" }.to_owned(),
        rollout_state: record.state,
        rollout_reason: record.reason.clone(),
        task_definition: record.revision.definition.clone(),
        desired: if place == 0 { desired } else { record.desired },
        pending: count(&is_pending),
        running: count(&is_running),
        healthy: count(&|task| is_running(task) && task.desired_status == "RUNNING" && is_healthy(task)),
        failed: record.failed,
        created: record.created,
        updated: record.updated,
    }
}

fn is_pending(task: &TaskRecord) -> bool {
    matches!(task.last_status.as_str(), "PROVISIONING" | "PENDING" | "ACTIVATING")
}

fn is_running(task: &TaskRecord) -> bool {
    task.last_status == "RUNNING"
}

fn is_healthy(task: &TaskRecord) -> bool {
    (!task.has_checks() || task.health() == seaway_cloud::Health::Healthy)
        && task.targets.len() == task.load_balancers.len()
        && task.targets.iter().all(|target| target.state == "healthy")
        && (task.proven || task.has_checks() || !task.load_balancers.is_empty())
}

impl Ecs {
    /// Returns a service, `None` when there is none.
    pub(crate) async fn describe_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        Ok(self.inner().read(|state| {
            let record = state.services.get(&key(service))?;
            let tasks: Vec<&TaskRecord> = state
                .tasks
                .values()
                .filter(|task| task.cluster == record.cluster && task.service.as_ref() == Some(&record.name))
                .collect();
            let count = |wanted: &dyn Fn(&TaskRecord) -> bool| {
                tasks.iter().filter(|task| wanted(task)).count() as u32
            };
            let deployments = record.deployments.iter().enumerate();
            Some(Service {
                name: record.name.clone(),
                cluster: record.cluster.clone(),
                task_definition: record
                    .deployments
                    .first()
                    .map(|one| one.revision.definition.clone())
                    .unwrap_or_default(),
                desired: record.desired,
                running: count(&is_running),
                pending: count(&is_pending),
                deployments: deployments
                    .map(|(place, one)| shown(one, place, record.desired, &tasks))
                    .collect(),
                events: record.events.iter().cloned().collect(),
            })
        }))
    }

    /// Stops the deployment in progress: goes back to the last completed one, or leaves everything
    /// where it is. A waiting stack operation fails with `reason`.
    ///
    /// # Errors
    /// There is no such service, or none of its deployments is in progress.
    pub(crate) async fn stop_deployment(
        &self,
        service: &ServiceRef,
        stop: StopType,
        reason: &str,
    ) -> Result<()> {
        self.inner().change_parts(&[Part::Services, Part::Tasks], |state| {
            let record = state
                .services
                .get_mut(&key(service))
                .ok_or_else(|| not_found("stop the deployment of", service))?;
            let primary = record.deployments.first();
            if primary.is_none_or(|one| one.state != RolloutState::InProgress) {
                let operation = format!("stop the deployment of service {}", record.name);
                return Err(CloudError::new(ErrorKind::Conflict, operation, "no deployment is in progress"));
            }
            let abort = stop == StopType::Abort;
            deployment::fail(record, &mut state.tasks, reason, !abort, abort, Timestamp::now());
            Ok(())
        })
    }

    /// Changes the desired count, or replaces all tasks by new ones of the same revision.
    ///
    /// # Errors
    /// There is no such service.
    pub(crate) async fn update_service(&self, service: &ServiceRef, update: &ServiceUpdate) -> Result<()> {
        let inner = self.inner();
        let name = inner.change_parts(&[Part::Services, Part::Tasks], |state| {
            let record = state.services.get_mut(&key(service)).ok_or_else(|| not_found("update", service))?;
            if let Some(desired) = update.desired {
                record.desired = desired;
                record.steady = false;
            }
            if update.force_new_deployment
                && let Some(revision) = record.deployments.first().map(|one| one.revision.clone())
            {
                deployment::begin(record, &mut state.tasks, revision, false, Timestamp::now());
            }
            Ok(ServiceRecord::key(record))
        })?;
        service::begin(inner, &name);
        Ok(())
    }

    /// Returns the schedules of stacks with these tags, by name.
    pub(crate) async fn list_schedules(&self, tags: &IndexMap<String, String>) -> Result<Vec<Schedule>> {
        let now = Timestamp::now();
        Ok(self.inner().read(|state| {
            state
                .schedules
                .values()
                .filter(|one| tags.iter().all(|(key, value)| one.tags.get(key) == Some(value)))
                .map(|one| Schedule {
                    name: one.name.clone(),
                    stack: one.stack.clone(),
                    expression: one.expression.clone(),
                    timezone: one.timezone.clone(),
                    enabled: one.enabled,
                    task_definition: one.definition.clone(),
                    next: schedule::next(one, now),
                    last_task: one.last_task.clone(),
                })
                .collect()
        }))
    }

    /// Switches a schedule on or off, until its template says something new.
    ///
    /// # Errors
    /// There is no such schedule.
    pub(crate) async fn enable_schedule(&self, name: &str, enabled: bool) -> Result<()> {
        self.inner().change(Part::Schedules, |state| match state.schedules.get_mut(name) {
            Some(schedule) => {
                // What passed while it was off is not made up for.
                if enabled && !schedule.enabled {
                    schedule.last_fired = Some(Timestamp::now());
                }
                schedule.enabled = enabled;
                Ok(())
            }
            None => Err(CloudError::new(
                ErrorKind::NotFound,
                format!("{} schedule {name}", if enabled { "enable" } else { "disable" }),
                "there is no such schedule",
            )),
        })
    }
}
