//! Waits until a stack operation is through, and says what changes meanwhile.

use seaway_cfn::describe::describe;
use seaway_cloud::ErrorKind;
use seaway_cloud::ServiceRef;
use seaway_cloud::Stack;
use seaway_cloud::StackEvent;
use seaway_cloud::StackStatus;
use seaway_cloud::StopType;
use seaway_cloud::TaskFilter;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;

use crate::Engine;
use crate::dossier::Evidence;
use crate::dossier::Trail;
use crate::events::Topic;
use crate::failure::Stop;
use crate::retry;
use crate::service_watch::ServiceWatch;
use crate::watchdog::Verdict;

/// Resource type of the stack itself in its events.
const STACK: &str = "AWS::CloudFormation::Stack";

/// What to watch.
#[derive(Debug)]
pub(crate) struct StackWatch {
    /// Stack name.
    pub(crate) stack: String,
    /// Workload name.
    pub(crate) workload: Option<String>,
    /// Part of the operation.
    pub(crate) phase: Phase,
    /// Number of the last event before the operation; `None` when somebody else began it.
    pub(crate) after: Option<u64>,
    /// There is a service in it.
    pub(crate) has_service: bool,
    /// The service, where it is known already.
    pub(crate) reference: Option<ServiceRef>,
    /// Cluster to look for the service in.
    pub(crate) cluster: Option<String>,
    /// Its deployment.
    pub(crate) service: ServiceWatch,
    /// Its log group.
    pub(crate) log_group: Option<String>,
    /// What was found when a failure was noticed.
    pub(crate) evidence: Option<Evidence>,
    /// Stop a deployment that cannot succeed.
    pub(crate) fail_fast: bool,
    /// Wait for CloudFormation's cleanup after a success, too: before that is through, nothing
    /// else can be done with the stack.
    pub(crate) cleanup: bool,
}

/// A stack whose operation is through.
#[derive(Debug)]
pub(crate) struct Settled {
    /// The stack; `None` when it is gone.
    pub(crate) stack: Option<Stack>,
    /// Logical id and reason of the resource that failed first.
    pub(crate) resource: Option<(String, String)>,
    /// What the watchdog saw.
    pub(crate) verdict: Option<Verdict>,
    /// The service.
    pub(crate) reference: Option<ServiceRef>,
    /// The deployment that was watched.
    pub(crate) deployment: Option<String>,
    /// What was found when a failure was noticed.
    pub(crate) evidence: Option<Evidence>,
    /// The stack's own last state that was told.
    pub(crate) told: Option<String>,
}

/// Returns the number of the last event before the stack's latest operation: what earlier ones
/// say is no news, and their failures are not this one's.
fn before_latest(events: &[StackEvent]) -> u64 {
    let begins = |event: &&StackEvent| {
        event.resource_type == STACK
            && matches!(
                event.status.as_str(),
                "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS"
            )
    };
    events.iter().rfind(begins).map_or(0, |event| event.seq.saturating_sub(1))
}

/// Returns cluster and name of a service from what `Ref` returned.
fn reference(id: &str, cluster: Option<&String>) -> Option<ServiceRef> {
    let parts = id.split_once(":service/").map(|(_, rest)| rest.split('/').collect::<Vec<_>>());
    match parts.as_deref() {
        Some([cluster, _name]) => Some(ServiceRef { cluster: (*cluster).to_owned(), service: id.to_owned() }),
        _ => Some(ServiceRef { cluster: cluster?.clone(), service: id.to_owned() }),
    }
}

impl StackWatch {
    fn topic<'a>(&'a self, engine: &'a Engine) -> Topic<'a> {
        engine.events.phase(self.phase).stack(&self.stack).workload(self.workload.as_deref())
    }

    /// Waits until the operation is through.
    pub(crate) async fn settle(mut self, engine: &Engine) -> Result<Settled, Stop> {
        let interval = engine.cloud.poll_interval();
        let mut first_failed: Option<(String, String)> = None;
        let mut revision: Option<String> = None;
        let mut verdict = None;
        let mut told = None;
        let mut after = match self.after {
            Some(after) => after,
            None => before_latest(&self.events(engine, 0).await?),
        };
        loop {
            let events = self.events(engine, after).await?;
            for event in &events {
                after = after.max(event.seq);
                self.say(engine, event, &mut told);
                let reason = event.reason.clone().unwrap_or_default();
                if event.resource_type == STACK {
                    continue;
                }
                let cancelled = reason.to_lowercase().contains("cancelled");
                if event.status.ends_with("_FAILED") && !cancelled && first_failed.is_none() {
                    first_failed = Some((event.logical_id.clone(), reason));
                }
                match (event.resource_type.as_str(), &event.physical_id) {
                    // A replaced service has another id from here on; its deletion tells the old one.
                    ("AWS::ECS::Service", Some(id)) if !event.status.starts_with("DELETE") => {
                        let known = self.reference.take();
                        self.reference = reference(id, self.cluster.as_ref()).or(known);
                    }
                    ("AWS::ECS::TaskDefinition", Some(id)) => revision = Some(id.clone()),
                    _ => {}
                }
            }
            let stack = retry::read(interval, || engine.cloud.describe_stack(&self.stack)).await?;
            if self.has_service && self.reference.is_none() {
                self.reference = self.discover(engine, revision.as_deref()).await?;
            }
            if let Some(found) = self.look(engine, stack.as_ref(), verdict.is_none()).await? {
                verdict = Some(found);
            }
            let failing = first_failed.is_some()
                || stack.as_ref().is_some_and(|stack| stack.status.as_str().contains("ROLLBACK"));
            if failing {
                self.keep_evidence(engine, None).await;
            }
            let through = stack.as_ref().is_none_or(|stack| {
                !stack.status.in_progress() || (stack.status.succeeded() && !self.cleanup)
            });
            if through {
                for event in self.events(engine, after).await? {
                    self.say(engine, &event, &mut told);
                    let reason = event.reason.clone().unwrap_or_default();
                    let own = event.resource_type == STACK;
                    if event.status.ends_with("_FAILED") && !own && first_failed.is_none() {
                        first_failed = Some((event.logical_id.clone(), reason));
                    }
                }
                return Ok(Settled {
                    stack,
                    resource: first_failed,
                    verdict,
                    reference: self.reference,
                    deployment: self.service.deployment,
                    evidence: self.evidence,
                    told,
                });
            }
            engine.pause().await;
        }
    }

    async fn events(&self, engine: &Engine, after: u64) -> Result<Vec<StackEvent>, Stop> {
        let interval = engine.cloud.poll_interval();
        let read = || engine.cloud.stack_events(&self.stack, after);
        match retry::read(interval, read).await {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
            answer => Ok(answer?),
        }
    }

    fn say(&self, engine: &Engine, event: &StackEvent, told: &mut Option<String>) {
        let topic = self.topic(engine);
        let own = event.resource_type == STACK;
        if own {
            *told = Some(event.status.clone());
        }
        if !engine.events.is_news(&self.stack, event.seq) {
            return;
        }
        if own {
            topic.state(&event.status, event.reason.as_deref());
            return;
        }
        let level = if event.status.ends_with("_FAILED") { Level::Error } else { Level::Info };
        topic.push(
            level,
            EventKind::Resource {
                logical_id: event.logical_id.clone(),
                resource_type: event.resource_type.clone(),
                description: describe(&event.resource_type).to_owned(),
                status: event.status.clone(),
                reason: event.reason.clone(),
            },
        );
    }

    /// Finds a service that no event names yet: by the tasks of the new revision.
    async fn discover(&self, engine: &Engine, revision: Option<&str>) -> Result<Option<ServiceRef>, Stop> {
        let (Some(cluster), Some(revision)) = (&self.cluster, revision) else { return Ok(None) };
        let revision = revision.rsplit('/').next().unwrap_or(revision);
        let filter = TaskFilter { cluster: Some(cluster.clone()), stopped: true, ..TaskFilter::default() };
        let interval = engine.cloud.poll_interval();
        let tasks = retry::read(interval, || engine.cloud.list_tasks(&filter)).await?;
        let own = tasks.iter().filter(|task| task.task_definition == revision);
        let name = own.filter_map(|task| task.group.strip_prefix("service:")).next();
        Ok(name.map(|name| ServiceRef { cluster: cluster.clone(), service: name.to_owned() }))
    }

    /// Going back takes tasks, events and logs away: what they say is kept when a failure is noticed.
    async fn keep_evidence(&mut self, engine: &Engine, task: Option<&str>) {
        if self.evidence.is_some() || self.reference.is_none() || self.phase != Phase::Apply {
            return;
        }
        let cluster = self.reference.as_ref().map(|service| service.cluster.as_str());
        let trail = Trail {
            service: self.reference.as_ref(),
            deployment: self.service.deployment.as_deref(),
            task: cluster.zip(task),
            log_group: self.log_group.as_deref(),
        };
        let evidence = engine.evidence(trail).await;
        self.evidence = Some(evidence);
    }

    /// Looks at the service; stops its deployment when it cannot succeed.
    async fn look(
        &mut self,
        engine: &Engine,
        now: Option<&Stack>,
        may_stop: bool,
    ) -> Result<Option<Verdict>, Stop> {
        let Some(reference) = self.reference.clone() else { return Ok(None) };
        let (phase, stack, workload) = (self.phase, self.stack.clone(), self.workload.clone());
        let topic = engine.events.phase(phase).stack(&stack).workload(workload.as_deref());
        let look = self.service.look(engine, &reference, &topic).await?;
        let Some(verdict) = look.and_then(|look| look.verdict) else { return Ok(None) };
        if !self.fail_fast || !may_stop {
            return Ok(None);
        }
        topic.push(
            Level::Error,
            EventKind::Message { text: format!("stopping the deployment: {}", verdict.cause) },
        );
        self.keep_evidence(engine, Some(&verdict.task)).await;
        let reason: String = verdict.cause.chars().take(200).collect();
        let stopped = engine.cloud.stop_deployment(&reference, StopType::Rollback, &reason).await;
        if let Err(error) = stopped {
            topic.push(Level::Debug, EventKind::Message { text: error.to_string() });
            match now.map(|stack| stack.status) {
                // Without a deployment to go back to ECS refuses; a stack in creation can go whole.
                Some(StackStatus::CreateInProgress) if error.kind == ErrorKind::Validation => {
                    engine.cloud.delete_stack(&self.stack).await?;
                }
                Some(StackStatus::UpdateInProgress) => {
                    // The deployment may have ended by itself meanwhile, and the update with it.
                    let _ = engine.cloud.cancel_update(&self.stack).await;
                }
                _ => {}
            }
        }
        Ok(Some(verdict))
    }
}
