//! The way back: everything that a failed release moved returns to its last good release.

use std::sync::Mutex;
use std::sync::PoisonError;

use seaway_cfn::Template;
use seaway_cloud::StackInput;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use seaway_synth::ParameterSource;

use crate::Engine;
use crate::WentBack;
use crate::failure::Stop;
use crate::graph;
use crate::interrupt::Wish;
use crate::run::Moved;
use crate::run::Run;
use crate::unit::Unit;

/// What came of going back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Back {
    /// Stacks that went back, and to what.
    pub(crate) went: Vec<WentBack>,
    /// Stack and reason of those that did not.
    pub(crate) failed: Vec<(String, String)>,
}

impl Engine {
    /// Takes everything back that this release moved; in reverse order, in parallel where
    /// independent. Stacks that are no workload stay: CloudFormation rolled a failed one back
    /// itself, and data is not taken back and forth.
    pub(crate) async fn back(&self, run: &Run) -> Back {
        let (moved, units, edges, tasks) = {
            let progress = run.progress();
            (progress.moved.clone(), progress.units.clone(), progress.edges.clone(), progress.tasks.clone())
        };
        let topic = self.events.phase(Phase::Rollback);
        for (cluster, task) in &tasks {
            if let Err(error) = self.cloud.stop_task(cluster, task, "the release failed").await {
                topic.warn(error.to_string());
            }
        }
        if moved.is_empty() {
            return Back::default();
        }
        let back = Mutex::new(Back::default());
        let turned = graph::reversed(&edges);
        let all = graph::run(&turned, |node| {
            let unit = &units[node];
            let moved = moved.get(&unit.name);
            let back = &back;
            async move {
                let Some(moved) = moved else { return Ok(()) };
                let answer = self.take_back(run, unit, moved).await;
                let mut back = back.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(Some(went)) => back.went.push(went),
                    Ok(None) => {}
                    Err(stop) => back.failed.push((unit.name.clone(), stop.to_string())),
                }
                Ok::<(), ()>(())
            }
        });
        // Whoever was asked to cancel already is not asked a second time.
        let asked = self.interrupt.wish();
        let left = async {
            match asked {
                Wish::GoOn => self.interrupt.wait(Wish::Detach).await,
                Wish::Detach => self.interrupt.wait(Wish::Cancel).await,
                Wish::Cancel => std::future::pending().await,
            }
        };
        let interrupted = tokio::select! {
            _ = all => false,
            () = left => true,
        };
        let mut back = back.into_inner().unwrap_or_else(PoisonError::into_inner);
        if interrupted {
            back.failed.push(("release".to_owned(), "the command left while going back".to_owned()));
        }
        for (stack, reason) in &back.failed {
            let text = format!("{stack} did not go back: {reason}");
            topic.push(Level::Error, EventKind::Message { text });
        }
        back
    }

    async fn take_back(&self, run: &Run, unit: &Unit, moved: &Moved) -> Result<Option<WentBack>, Stop> {
        let name = unit.name.as_str();
        let topic = self.events.phase(Phase::Rollback).stack(name).workload(unit.workload_name());
        let went = |to: String| Some(WentBack { stack: name.to_owned(), to });
        let workload = unit.workload.is_some();
        if moved.running && workload && moved.before.is_some() {
            topic.say(format!("stopping the update of {name}"));
            if let Err(error) = self.cloud.cancel_update(name).await {
                // It came to its end meanwhile, or is going back by itself.
                topic.push(Level::Debug, EventKind::Message { text: error.to_string() });
            }
        }
        if !workload || (moved.running && moved.before.is_some()) {
            self.joined(unit, name, Phase::Rollback, None).settle(self).await?;
        }
        if !workload {
            return Ok(None);
        }
        let Some(before) = &moved.before else {
            topic.say(format!("deleting {name}: this release made it"));
            self.delete(unit.workload_name(), name, Phase::Rollback).await?;
            return Ok(went("nothing: this release had made it".to_owned()));
        };
        let (input, to) = self.last_good(run, unit, before);
        let to = to.unwrap_or_else(|| "what it was before".to_owned());
        topic.say(format!("taking {name} back to {to}"));
        let Some(settled) = self.put(run, unit, &input, Phase::Rollback, None).await? else {
            return Ok(went(to));
        };
        match settled.stack {
            Some(stack) if stack.status.succeeded() => Ok(went(to)),
            other => {
                let status = other.map_or("gone", |stack| stack.status.as_str());
                let why = settled.resource.map_or(String::new(), |(id, why)| format!(": {id}: {why}"));
                Err(Stop::Error(crate::EngineError::Inconsistent(format!("it is {status}{why}"))))
            }
        }
    }

    /// Returns the stack as the last serving release had it; outputs of stacks that stay as this
    /// release made them are taken as they are now.
    fn last_good(&self, run: &Run, unit: &Unit, before: &StackInput) -> (StackInput, Option<String>) {
        let progress = run.progress();
        let record = progress.last_good.as_ref();
        let good = record.and_then(|record| {
            let stack = record.stacks.iter().find(|stack| stack.name == unit.name)?;
            Some((stack.clone(), format!("release {}", record.summary.number)))
        });
        let (mut input, to) = match good {
            Some((input, to)) => (input, Some(to)),
            None => (before.clone(), None),
        };
        let known = Template::from_json(&input.template).unwrap_or_default();
        for (name, source) in &unit.sources {
            let ParameterSource::Output { stack, output } = source else { continue };
            let stays = progress.units.iter().any(|other| other.name == *stack && other.workload.is_none());
            let value = progress.outputs.get(stack).and_then(|outputs| outputs.get(output));
            if let (true, true, Some(value)) = (stays, known.parameters.contains_key(name), value) {
                input.parameters.insert(name.clone(), value.clone());
            }
        }
        (input, to)
    }
}
