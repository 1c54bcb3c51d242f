//! One operation from lock to outcome.

use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use indexmap::IndexMap;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::StackInput;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use tokio::time::Instant;

use crate::Dossier;
use crate::Engine;
use crate::EngineError;
use crate::Finished;
use crate::Plan;
use crate::back::Back;
use crate::deployed::DeployedStack;
use crate::failure::Failure;
use crate::failure::Stop;
use crate::graph::Edges;
use crate::interrupt::Wish;
use crate::parameters::Outputs;
use crate::unit::Unit;

/// A stack that this operation touched.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    /// What it was before; `None` where it was not there.
    pub(crate) before: Option<StackInput>,
    /// Its operation is not through.
    pub(crate) running: bool,
}

/// What an operation has done so far; still there when its future is dropped.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) locked: bool,
    pub(crate) plan: Option<Plan>,
    pub(crate) record: Option<ReleaseRecord>,
    pub(crate) last_good: Option<ReleaseRecord>,
    pub(crate) units: Vec<Unit>,
    pub(crate) edges: Edges,
    pub(crate) deployed: IndexMap<String, DeployedStack>,
    pub(crate) outputs: Outputs,
    pub(crate) inputs: IndexMap<String, StackInput>,
    pub(crate) moved: IndexMap<String, Moved>,
    /// Cluster and id of running one-off tasks.
    pub(crate) tasks: Vec<(String, String)>,
    /// What is being done now, for the heartbeat.
    pub(crate) doing: Vec<String>,
    /// ECS took a service back by itself.
    pub(crate) went_back: bool,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) app: String,
    pub(crate) env: String,
    /// `up`, `down`, …
    pub(crate) action: String,
    pub(crate) started: Instant,
    owner: LockOwner,
    progress: Mutex<Progress>,
}

impl Run {
    /// Returns what was done so far. Never held over an await.
    pub(crate) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of the release, where there is one.
    pub(crate) fn number(&self) -> Option<u64> {
        self.progress().record.as_ref().map(|record| record.summary.number)
    }
}

/// How the way forward ended.
enum End {
    Done(String),
    Stopped(Stop),
    TimedOut,
    Detached,
    Cancelled,
    Superseded(u64),
}

/// How often other releases are looked for.
const LOOK_FOR_OTHERS: Duration = Duration::from_secs(2);

impl Engine {
    /// Begins an operation.
    pub(crate) fn begin(&self, action: &str, app: &str, env: &str) -> Run {
        let now = self.events.now();
        let options = &self.options;
        let id = match options.run_id.as_str() {
            "" => format!("{}-{}", options.pid, now.as_nanosecond()),
            id => id.to_owned(),
        };
        Run {
            app: app.to_owned(),
            env: env.to_owned(),
            action: action.to_owned(),
            started: Instant::now(),
            owner: LockOwner {
                id,
                who: options.who.clone(),
                pid: options.pid,
                action: action.to_owned(),
                run_url: options.run_url.clone(),
                since: now,
            },
            progress: Mutex::new(Progress::default()),
        }
    }

    /// Takes the lock, does the work, and brings it to an end whatever happens.
    pub(crate) async fn operate(
        &self,
        run: &Run,
        work: impl Future<Output = Result<String, Stop>>,
    ) -> Finished {
        let forward = async {
            // What only looks stands in nobody's way.
            if !self.options.dry_run {
                self.lock(run).await?;
            }
            work.await
        };
        let end = tokio::select! {
            biased;
            answer = forward => match answer {
                Ok(summary) => End::Done(summary),
                Err(stop) => End::Stopped(stop),
            },
            end = self.interrupted() => end,
            () = self.deadline(run) => End::TimedOut,
            number = self.superseded(run) => End::Superseded(number),
            never = self.heartbeat(run) => match never {},
        };
        let finished = self.conclude(run, end).await;
        if run.progress().locked
            && let Err(error) = self.cloud.release_lock(&run.app, &run.env, &run.owner).await
        {
            self.events.phase(Phase::Outcome).warn(format!("{error}"));
        }
        let level = if finished.exit_code == 0 { Level::Info } else { Level::Error };
        let kind = EventKind::Finished {
            outcome: finished.outcome,
            exit_code: finished.exit_code,
            summary: finished.summary.clone(),
            outputs: finished.urls.clone(),
        };
        self.events.phase(Phase::Outcome).push(level, kind);
        finished
    }

    async fn lock(&self, run: &Run) -> Result<(), EngineError> {
        let begun = Instant::now();
        let mut said = false;
        loop {
            let owner = match self.cloud.acquire_lock(&run.app, &run.env, &run.owner).await? {
                Lock::Acquired => {
                    run.progress().locked = true;
                    return Ok(());
                }
                Lock::Held(owner) => owner,
            };
            if begun.elapsed() >= self.options.lock_wait {
                return Err(EngineError::Locked(owner));
            }
            if !said {
                let text = format!("waiting for the lock of {} ({})", owner.who, owner.action);
                self.events.phase(Phase::Preflight).say(text);
                said = true;
            }
            self.pause().await;
        }
    }

    async fn interrupted(&self) -> End {
        self.interrupt.wait(Wish::Detach).await;
        if self.interrupt.wish() == Wish::Detach {
            let grace = self.options.detach_grace;
            if !grace.is_zero() {
                let text = "leaving: what is under way goes on; Ctrl-C again now cancels it and goes back";
                self.events.phase(Phase::Outcome).warn(text);
            }
            let cancelled = self.interrupt.wait(Wish::Cancel);
            if tokio::time::timeout(grace, cancelled).await.is_err() {
                return End::Detached;
            }
        }
        End::Cancelled
    }

    async fn deadline(&self, run: &Run) {
        match self.options.timeout {
            Some(timeout) => tokio::time::sleep_until(run.started + timeout).await,
            None => std::future::pending().await,
        }
    }

    /// Ends when a release with a greater number than ours appears: somebody took the lock over.
    async fn superseded(&self, run: &Run) -> u64 {
        loop {
            tokio::time::sleep(LOOK_FOR_OTHERS.max(self.cloud.poll_interval())).await;
            let Some(own) = run.number() else { continue };
            // A read that fails says nothing about other releases; the work itself will notice.
            if let Ok(all) = self.cloud.releases(&run.app, &run.env).await
                && let Some(newest) = all.first()
                && newest.number > own
            {
                return newest.number;
            }
        }
    }

    async fn heartbeat(&self, run: &Run) -> Infallible {
        let mut last = 0;
        loop {
            tokio::time::sleep(self.options.heartbeat).await;
            if self.events.count() == last {
                let waiting_for = run.progress().doing.clone();
                let elapsed = run.started.elapsed().as_secs();
                self.events.phase(Phase::Apply).info(EventKind::Heartbeat { elapsed, waiting_for });
            }
            last = self.events.count();
        }
    }

    async fn conclude(&self, run: &Run, end: End) -> Finished {
        let number = run.number();
        let name = match number {
            Some(number) => format!("release {number}"),
            None => run.action.clone(),
        };
        let finished = match end {
            End::Done(summary) => self.finished(run, Outcome::Serving, 0, summary),
            End::TimedOut => {
                let summary = format!("{name} was still running when its time was up");
                self.finished(run, Outcome::TimedOut, 8, summary)
            }
            End::Detached => {
                let summary = match run.progress().locked {
                    true => format!("left {name}; what is under way goes on, nothing more is begun"),
                    false => format!("left {name} before anything was touched"),
                };
                self.finished(run, Outcome::Detached, 130, summary)
            }
            End::Superseded(other) => {
                let summary = format!("{name} was superseded by release {other}");
                self.finished(run, Outcome::Superseded, 9, summary)
            }
            End::Cancelled => {
                let cause = "it was cancelled".to_owned();
                let failure = Failure { cause, ..Failure::default() };
                self.failed(run, &name, Stop::from(failure)).await
            }
            End::Stopped(stop) => self.failed(run, &name, stop).await,
        };
        self.close_record(run, &finished).await;
        finished
    }

    fn finished(&self, run: &Run, outcome: Outcome, exit_code: i32, summary: String) -> Finished {
        let progress = run.progress();
        let url = |unit: &Unit| {
            let url = progress.outputs.get(&unit.name)?.get("Url")?.clone();
            Some((unit.workload_name()?.to_owned(), url))
        };
        Finished {
            outcome,
            exit_code,
            summary,
            release: progress.record.as_ref().map(|record| record.summary.number),
            dossier: None,
            error: None,
            plan: progress.plan.clone(),
            urls: progress.units.iter().filter_map(url).collect(),
        }
    }

    async fn failed(&self, run: &Run, name: &str, stop: Stop) -> Finished {
        let (failure, error) = match stop {
            Stop::Failure(failure) => (*failure, None),
            Stop::Error(error) => {
                let next = error.hint().into_iter().collect();
                (Failure { cause: error.to_string(), next, ..Failure::default() }, Some(error))
            }
        };
        let release = run.number().is_some();
        if let (Some(error), false) = (&error, release) {
            let mut finished = self.finished(run, Outcome::Failed, error.exit_code(), error.to_string());
            finished.error = Some(error.clone());
            return finished;
        }
        self.events
            .phase(Phase::Rollback)
            .push(Level::Error, EventKind::Message { text: format!("{name} failed: {}", failure.cause) });
        // Evidence first: going back takes the failed tasks away.
        let mut dossier = self.dossier(run, &failure).await;
        let back = if release { self.back(run).await } else { Back::default() };
        let whole = back.failed.is_empty() && (release || run.progress().went_back);
        let (outcome, exit_code) = if whole { (Outcome::RolledBack, 6) } else { (Outcome::Failed, 7) };
        let subject = match &failure.workload {
            Some(workload) => format!("{workload}: {}", failure.cause),
            None => failure.cause.clone(),
        };
        let end = match (whole, back.went.is_empty()) {
            (true, true) => "; nothing else had moved",
            (true, false) => "; everything that moved is back",
            (false, _) if release => "; not everything went back",
            (false, _) => "",
        };
        let summary = format!("{name} failed: {subject}{end}");
        Dossier::complete(&mut dossier, outcome, back);
        let mut finished = self.finished(run, outcome, exit_code, summary);
        finished.dossier = Some(dossier);
        finished.error = error;
        finished
    }

    /// Writes the outcome into the release record.
    async fn close_record(&self, run: &Run, finished: &Finished) {
        let record = {
            let mut progress = run.progress();
            let stacks: Vec<StackInput> = progress.inputs.values().cloned().collect();
            let Some(record) = &mut progress.record else { return };
            record.stacks = stacks;
            record.summary.outcome = finished.outcome;
            record.summary.finished = Some(self.events.now());
            if finished.outcome != Outcome::Serving {
                record.summary.reason = Some(finished.summary.clone());
            }
            record.clone()
        };
        if let Err(error) = self.cloud.put_release(&record).await {
            self.events.phase(Phase::Outcome).warn(format!("{error}"));
        }
    }
}
