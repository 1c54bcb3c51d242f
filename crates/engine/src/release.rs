//! The way forward of a release: stacks, gates, checks, removal.

use futures::future::try_join_all;
use indexmap::IndexMap;
use indexmap::IndexSet;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Phase;
use seaway_synth::Gate;

use crate::Engine;
use crate::EngineError;
use crate::Plan;
use crate::StackAction;
use crate::failure::Stop;
use crate::graph;
use crate::parameters;
use crate::run::Run;
use crate::unit::Unit;

impl Engine {
    /// Opens the record of a release; everything that fails from here on goes back.
    pub(crate) async fn open_release(
        &self,
        run: &Run,
        plan: &Plan,
        images: &IndexMap<String, String>,
    ) -> Result<u64, EngineError> {
        let all = self.cloud.releases(&run.app, &run.env).await?;
        let number = all.first().map_or(1, |newest| newest.number + 1);
        let good = all.iter().find(|release| release.outcome == Outcome::Serving);
        if let Some(good) = good {
            let record = self.cloud.release(&run.app, &run.env, good.number).await?;
            run.progress().last_good = record;
        }
        let record = ReleaseRecord {
            summary: ReleaseSummary {
                app: run.app.clone(),
                env: run.env.clone(),
                number,
                outcome: Outcome::InProgress,
                action: run.action.clone(),
                reason: None,
                who: self.options.who.clone(),
                commit: self.options.commit.clone(),
                images: images.clone(),
                started: self.events.now(),
                finished: None,
            },
            stacks: Vec::new(),
        };
        self.cloud.put_release(&record).await?;
        run.progress().record = Some(record);
        self.events.phase(Phase::Apply).info(EventKind::Started {
            action: run.action.clone(),
            app: run.app.clone(),
            env: run.env.clone(),
            stacks: plan.stacks.iter().map(|stack| stack.name.clone()).collect(),
            release: Some(number),
        });
        Ok(number)
    }

    /// Applies the stacks of the release in the order of their edges, runs its tasks and checks,
    /// and removes what left the set.
    pub(crate) async fn release(
        &self,
        run: &Run,
        plan: &Plan,
        images: &IndexMap<String, String>,
    ) -> Result<(), Stop> {
        let units = run.progress().units.clone();
        let edges = run.progress().edges.clone();
        for unit in &units {
            let topic = self.events.phase(Phase::Apply).stack(&unit.name);
            topic.workload(unit.workload_name()).state("waiting", None);
        }
        let completed: IndexSet<&str> = units
            .iter()
            .filter_map(|unit| unit.workload.as_ref())
            .flat_map(|spec| spec.completed.iter().map(String::as_str))
            .collect();
        let units = &units;
        let completed = &completed;
        graph::run(&edges, |node| async move {
            let unit = &units[node];
            self.doing(run, &unit.name, true);
            let outputs = run.progress().outputs.clone();
            let values = parameters::resolve(unit, &outputs, images)?;
            self.apply(run, unit, unit.input(values)).await?;
            if let Some(spec) = &unit.workload
                && (spec.gate == Some(Gate::Before) || completed.contains(spec.name.as_str()))
            {
                self.run_gate(run, unit).await?;
            }
            self.doing(run, &unit.name, false);
            Ok::<(), Stop>(())
        })
        .await?;
        for unit in units {
            self.verify(run, unit).await?;
        }
        for unit in units {
            if unit.workload.as_ref().is_some_and(|spec| spec.gate == Some(Gate::After)) {
                self.run_gate(run, unit).await?;
            }
        }
        self.remove(run, plan).await
    }

    /// Deletes the stacks that left the set: workloads first, for they use the others.
    async fn remove(&self, run: &Run, plan: &Plan) -> Result<(), Stop> {
        let gone = || plan.stacks.iter().filter(|stack| stack.action == StackAction::Delete);
        for workloads in [true, false] {
            let wave = gone().filter(|stack| stack.workload.is_some() == workloads);
            try_join_all(wave.map(|stack| async move {
                self.doing(run, &stack.name, true);
                self.delete(stack.workload.as_deref(), &stack.name, Phase::Delete).await?;
                self.doing(run, &stack.name, false);
                Ok::<(), Stop>(())
            }))
            .await?;
        }
        Ok(())
    }

    fn doing(&self, run: &Run, name: &str, begins: bool) {
        let mut progress = run.progress();
        progress.doing.retain(|other| other != name);
        if begins {
            progress.doing.push(name.to_owned());
        }
    }

    /// Puts what is deployed and no part of this operation into the record, so that a later
    /// rollback finds the whole environment in it.
    pub(crate) fn record_the_rest(&self, run: &Run, plan: &Plan) {
        let mut progress = run.progress();
        let units: Vec<&Unit> = progress.units.iter().collect();
        let rest: Vec<_> = progress
            .deployed
            .values()
            .filter(|stack| {
                let name = &stack.stack.name;
                let planned = plan.get(name).map(|stack| stack.action);
                !units.iter().any(|unit| unit.name == *name) && planned != Some(StackAction::Delete)
            })
            .map(|stack| stack.input())
            .collect();
        for input in rest {
            progress.inputs.insert(input.name.clone(), input);
        }
    }
}
