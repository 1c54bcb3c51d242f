//! Sees that a deployment will not succeed, long before ECS gives up.

use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_cloud::Deployment;
use seaway_cloud::Health;
use seaway_cloud::Task;

/// A definite failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// In plain words.
    pub(crate) cause: String,
    /// The task that shows it.
    pub(crate) task: String,
    /// What to do next.
    pub(crate) next: String,
}

/// Words of a fault that may pass by itself: a registry or network that does not answer.
const PASSING: [&str; 9] = [
    "timeout",
    "timed out",
    "toomanyrequests",
    "too many requests",
    "connection reset",
    "connection refused",
    "temporary failure",
    "503",
    "500 internal",
];

/// What is remembered of the tasks of one deployment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watchdog {
    healthy: IndexSet<String>,
    ever_healthy: bool,
}

fn reasons(task: &Task) -> impl Iterator<Item = &str> {
    task.stopped_reason
        .as_deref()
        .into_iter()
        .chain(task.containers.iter().filter_map(|container| container.reason.as_deref()))
}

fn is_healthy(task: &Task) -> bool {
    let targets = !task.targets.is_empty() && task.targets.iter().all(|t| t.state == "healthy");
    match task.health {
        Health::Healthy => task.targets.is_empty() || targets,
        Health::Unknown => targets,
        Health::Unhealthy => false,
    }
}

fn cannot_start(task: &Task) -> Option<Verdict> {
    let definite = |text: &&str| {
        let lower = text.to_lowercase();
        !PASSING.iter().any(|word| lower.contains(word))
    };
    let find = |name: &str| reasons(task).filter(definite).find(|text| text.contains(name));
    if let Some(text) = find("CannotPullContainerError").or_else(|| find("CannotPullImageManifestError")) {
        let image = task.containers.first().map_or("", |container| container.image.as_str());
        return Some(Verdict {
            cause: format!("the image {image} cannot be pulled: {text}"),
            task: task.id.clone(),
            next: "check the image name and tag, and that the registry may be read".to_owned(),
        });
    }
    if let Some(text) = find("ResourceInitializationError") {
        let secret = ["secret", "ssm", "parameter"];
        if secret.iter().any(|word| text.to_lowercase().contains(word)) {
            return Some(Verdict {
                cause: format!("a secret has no value or may not be read: {text}"),
                task: task.id.clone(),
                next: "give the secret a value where the Compose file says it comes from, then run `seaway up` again".to_owned(),
            });
        }
    }
    None
}

impl Watchdog {
    /// Looks at the tasks of the deployment; returns a failure that waiting cannot mend.
    pub(crate) fn observe(&mut self, deployment: &Deployment, tasks: &[&Task]) -> Option<Verdict> {
        for task in tasks.iter().filter(|task| is_healthy(task)) {
            self.healthy.insert(task.id.clone());
            self.ever_healthy = true;
        }
        // A service without any check counts a running task as healthy: that says nothing yet.
        let checked = tasks.iter().any(|task| task.health != Health::Unknown || !task.targets.is_empty());
        if checked && deployment.healthy > 0 {
            self.ever_healthy = true;
        }
        let stopped: Vec<&&Task> = tasks.iter().filter(|task| task.last_status == "STOPPED").collect();
        if let Some(verdict) = stopped.iter().find_map(|task| cannot_start(task)) {
            return Some(verdict);
        }
        let mut codes: IndexMap<i64, (u32, &Task)> = IndexMap::new();
        for task in &stopped {
            let ended = task.stop_code.as_deref() == Some("EssentialContainerExited");
            let code = task.exit_code().filter(|code| *code != 0);
            if let (true, Some(code), false) = (ended, code, self.healthy.contains(&task.id)) {
                codes.entry(code).or_insert((0, task)).0 += 1;
            }
        }
        if let Some((code, (_, task))) = codes.iter().find(|(_, (count, _))| *count >= 2) {
            return Some(Verdict {
                cause: format!("its container exits with {code} right after the start{}", meaning(*code)),
                task: task.id.clone(),
                next: "read its last log lines; try the image with `docker run`".to_owned(),
            });
        }
        if self.ever_healthy {
            return None;
        }
        let unhealthy =
            |task: &&&&Task| reasons(task).any(|text| text.to_lowercase().contains("health check"));
        stopped.iter().find(unhealthy).map(|task| Verdict {
            cause: format!(
                "no task ever passed its health check: {}",
                task.stopped_reason.as_deref().unwrap_or("health checks failed")
            ),
            task: task.id.clone(),
            next: "check the health check's command, path and start period".to_owned(),
        })
    }
}

/// Returns what an exit code is known to mean.
pub(crate) fn meaning(code: i64) -> &'static str {
    match code {
        126 => " (the command cannot be executed)",
        127 => " (the command was not found)",
        137 => " (killed: out of memory, or it did not stop in time)",
        139 => " (a segmentation fault)",
        143 => " (ended by SIGTERM)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use seaway_cloud::Container;
    use seaway_cloud::RolloutState;
    use seaway_cloud::TargetHealth;

    use super::*;

    fn deployment() -> Deployment {
        Deployment {
            id: "ecs-svc/1".into(),
            status: "PRIMARY".into(),
            rollout_state: RolloutState::InProgress,
            rollout_reason: None,
            task_definition: "web:2".into(),
            desired: 1,
            pending: 0,
            running: 0,
            healthy: 0,
            failed: 0,
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
        }
    }

    fn stopped(id: &str, code: &str, reason: &str, exit: Option<i64>) -> Task {
        Task {
            id: id.into(),
            cluster: "c".into(),
            group: "service:web".into(),
            started_by: "ecs-svc/1".into(),
            task_definition: "web:2".into(),
            last_status: "STOPPED".into(),
            desired_status: "STOPPED".into(),
            health: Health::Unknown,
            targets: Vec::new(),
            containers: vec![Container {
                name: "web".into(),
                image: "shop/web:1".into(),
                image_digest: None,
                last_status: "STOPPED".into(),
                exit_code: exit,
                reason: None,
                health: Health::Unknown,
                essential: true,
                ports: IndexMap::new(),
            }],
            stop_code: Some(code.into()),
            stopped_reason: Some(reason.into()),
            created: Timestamp::UNIX_EPOCH,
            started: None,
            stopped: None,
        }
    }

    #[test]
    fn tells_definite_failures_from_passing_ones() {
        let exited = |id, exit| stopped(id, "EssentialContainerExited", "exited", Some(exit));
        let start = |reason| stopped("a", "TaskFailedToStart", reason, None);
        let unhealthy =
            |id| stopped(id, "ServiceSchedulerInitiated", "Task failed ELB health checks in (tg)", Some(143));
        let cases: Vec<(&str, Vec<Task>, Option<&str>)> = vec![
            ("one exit", vec![exited("a", 3)], None),
            ("two exits", vec![exited("a", 3), exited("b", 3)], Some("exits with 3")),
            ("different exits", vec![exited("a", 3), exited("b", 4)], None),
            ("clean exits", vec![exited("a", 0), exited("b", 0)], None),
            ("image", vec![start("CannotPullContainerError: not found")], Some("cannot be pulled")),
            ("slow registry", vec![start("CannotPullContainerError: i/o timeout")], None),
            (
                "secret",
                vec![start("ResourceInitializationError: unable to pull secrets: /k not found")],
                Some("secret"),
            ),
            ("network", vec![start("ResourceInitializationError: no route")], None),
            ("unhealthy", vec![unhealthy("a")], Some("health check")),
            (
                "scaled in",
                vec![stopped("a", "ServiceSchedulerInitiated", "Scaling activity", Some(143))],
                None,
            ),
        ];
        for (name, tasks, expected) in cases {
            let tasks: Vec<&Task> = tasks.iter().collect();
            let cause = Watchdog::default().observe(&deployment(), &tasks).map(|v| v.cause);
            match expected {
                None => assert_eq!(cause, None, "{name}"),
                Some(text) => assert!(cause.clone().unwrap_or_default().contains(text), "{name}: {cause:?}"),
            }
        }
    }

    #[test]
    fn a_task_that_was_healthy_once_is_not_a_failed_start() {
        let mut watchdog = Watchdog::default();
        let mut running = stopped("a", "", "", None);
        running.last_status = "RUNNING".into();
        running.targets = vec![TargetHealth {
            target_group: "tg".into(),
            state: "healthy".into(),
            reason: None,
            description: None,
        }];
        assert_eq!(watchdog.observe(&deployment(), &[&running]), None);
        let first = stopped("a", "EssentialContainerExited", "exited", Some(1));
        let second = stopped("b", "EssentialContainerExited", "exited", Some(1));
        assert_eq!(watchdog.observe(&deployment(), &[&first, &second]), None);
        let late = stopped("c", "ServiceSchedulerInitiated", "Task failed ELB health checks", None);
        assert_eq!(watchdog.observe(&deployment(), &[&late]), None);
    }
}
