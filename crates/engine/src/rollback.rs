//! `rollback`: an earlier release again.

use indexmap::IndexMap;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::StackInput;
use seaway_cloud::event::Phase;

use crate::Engine;
use crate::EngineError;
use crate::Finished;
use crate::deployed;
use crate::deployed::DeployedStack;
use crate::unit::recorded;

impl Engine {
    /// Brings the workloads back to a release, by default the last one that served before the
    /// current one. Network, platform and resources stay as they are; tasks of a release are not
    /// run, for migrations go forward only. The rollback is a release of its own.
    pub async fn rollback(&self, app: &str, env: &str, release: Option<u64>) -> Finished {
        let run = self.begin("rollback", app, env);
        // The action of the record names the release, which has to be found first.
        let found = self.target(app, env, release).await;
        let run = match &found {
            Ok(record) => {
                let action = format!("rollback to {}", record.summary.number);
                self.begin(&action, app, env)
            }
            Err(_) => run,
        };
        self.operate(&run, async {
            let record = found?;
            let stacks = deployed::read(&*self.cloud, app, env, &[]).await?;
            if stacks.is_empty() {
                return Err(EngineError::NotFound {
                    message: format!("nothing of {app} is deployed in {env}"),
                    hint: Some("run `seaway up`".to_owned()),
                }
                .into());
            }
            let mut inputs: Vec<StackInput> = Vec::new();
            for input in &record.stacks {
                inputs.push(refresh(input, &stacks));
            }
            let mut units = recorded(app, env, &inputs)?;
            units.retain(|unit| unit.workload.is_some());
            // What is no workload stays as it is, and is no stack that left the set.
            let others: Vec<StackInput> =
                stacks.values().filter(|stack| !stack.is_workload()).map(DeployedStack::input).collect();
            units.splice(0..0, recorded(app, env, &others)?);
            let protected = units.iter().any(|unit| unit.protected);
            run.progress().units = units;
            let text = format!("going back to release {}", record.summary.number);
            self.events.phase(Phase::Plan).say(text);
            self.settle_and_release(&run, &record.summary.images, true, protected).await
        })
        .await
    }

    async fn target(&self, app: &str, env: &str, release: Option<u64>) -> Result<ReleaseRecord, EngineError> {
        let all = self.cloud.releases(app, env).await?;
        let mut serving = all.iter().filter(|one| one.outcome == Outcome::Serving);
        let number = match release {
            Some(number) => Some(number),
            // The newest that serves is the current one.
            None => serving.nth(1).map(|one| one.number),
        };
        let missing = |message: String| EngineError::NotFound {
            message,
            hint: Some("`seaway releases` lists them".to_owned()),
        };
        let number = number.ok_or_else(|| missing("there is no earlier release that served".into()))?;
        let record = self.cloud.release(app, env, number).await?;
        let record = record.ok_or_else(|| missing(format!("there is no release {number}")))?;
        if record.stacks.is_empty() {
            return Err(missing(format!("release {number} never applied a stack")));
        }
        Ok(record)
    }
}

/// Returns a recorded stack with the outputs of today: a parameter whose present value is an
/// output of a stack that stays keeps that value, for the recorded subnet may be gone.
fn refresh(input: &StackInput, stacks: &IndexMap<String, DeployedStack>) -> StackInput {
    let mut input = input.clone();
    let Some(current) = stacks.get(&input.name) else { return input };
    let is_output = |value: &String| {
        let mut others = stacks.values().filter(|stack| !stack.is_workload());
        others.any(|stack| stack.stack.outputs.values().any(|output| output == value))
    };
    for (name, value) in &mut input.parameters {
        if let Some(now) = current.stack.parameters.get(name).filter(|now| is_output(now)) {
            value.clone_from(now);
        }
    }
    input
}
