//! `run`: a task by hand.

use indexmap::IndexMap;
use seaway_cloud::event::Phase;
use serde::Serialize;

use crate::Engine;
use crate::EngineError;
use crate::deployed;
use crate::failure::Stop;
use crate::gate::run_of;
use crate::interrupt::Wish;
use crate::unit::recorded;

/// A task that was run by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OneOff {
    /// Task id.
    pub task: String,
    /// Exit code for the command: the container's own, 125 when it never started, 0 when nobody
    /// waited, 130 when the command left.
    pub exit_code: i32,
    /// Why it stopped.
    pub reason: Option<String>,
}

/// Exit code of a container that never started (as `docker run` has it).
const NEVER_STARTED: i32 = 125;

impl Engine {
    /// Runs the task definition of a deployed workload once, with another command and more
    /// environment where given. With `wait` its log comes as events and its exit code counts.
    ///
    /// # Errors
    /// When there is no such workload, or the cloud refuses.
    pub async fn run(
        &self,
        app: &str,
        env: &str,
        workload: &str,
        command: Option<Vec<String>>,
        variables: &IndexMap<String, String>,
        wait: bool,
    ) -> Result<OneOff, EngineError> {
        let stacks = deployed::read(&*self.cloud, app, env, &[]).await?;
        let named = |stack: &&deployed::DeployedStack| {
            stack.is_workload() && deployed::workload_name(app, env, &stack.stack) == workload
        };
        let stack = stacks.values().find(named).ok_or_else(|| {
            let all: Vec<String> = stacks
                .values()
                .filter(|stack| stack.is_workload())
                .map(|stack| deployed::workload_name(app, env, &stack.stack))
                .collect();
            EngineError::NotFound {
                message: format!("there is no deployed workload `{workload}`"),
                hint: Some(match all.len() {
                    0 => "run `seaway up` first".to_owned(),
                    _ => format!("the deployed workloads are: {}", all.join(", ")),
                }),
            }
        })?;
        let spec = recorded(app, env, &[stack.input()])?.pop().and_then(|unit| unit.workload);
        let name = &stack.stack.name;
        let container = spec.as_ref().map(|spec| spec.container.clone());
        let request = run_of(name, &stack.stack.outputs, container, "seaway-run".to_owned());
        let mut request = request.map_err(into_error)?;
        request.command = command;
        request.environment = variables.clone();
        let task = self.cloud.run_task(&request).await?;
        let topic = self.events.phase(Phase::Tasks).stack(name).workload(Some(workload));
        if !wait {
            return Ok(OneOff { task: task.id, exit_code: 0, reason: None });
        }
        let group = spec.as_ref().map(|spec| spec.log_group.as_str());
        let limit = self.options.timeout;
        let ended = tokio::select! {
            ended = self.follow(&task, group, limit, &topic) => ended.map_err(into_error)?,
            () = self.interrupt.wait(Wish::Detach) => {
                let reason = Some("left; the task goes on".to_owned());
                return Ok(OneOff { task: task.id, exit_code: 130, reason });
            }
        };
        Ok(match ended {
            None => OneOff {
                task: task.id,
                exit_code: 8,
                reason: Some("it was still running when its time was up".to_owned()),
            },
            Some(ended) => {
                let container = ended.containers.iter().find_map(|one| one.reason.clone());
                let code = ended.exit_code().map(|code| i32::try_from(code).unwrap_or(1));
                OneOff {
                    task: task.id,
                    exit_code: code.unwrap_or(NEVER_STARTED),
                    reason: container.or(ended.stopped_reason),
                }
            }
        })
    }
}

fn into_error(stop: Stop) -> EngineError {
    match stop {
        Stop::Error(error) => error,
        Stop::Failure(failure) => EngineError::Inconsistent(failure.cause),
    }
}
