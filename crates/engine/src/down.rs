//! `down`: deletes the stacks of an environment.

use futures::future::join_all;
use indexmap::IndexMap;
use seaway_cloud::event::EventKind;
use seaway_cloud::event::Phase;

use crate::Engine;
use crate::EngineError;
use crate::Finished;
use crate::deployed;
use crate::deployed::DeployedStack;
use crate::failure::Failure;
use crate::failure::Stop;

/// Returns the wave in which a stack is deleted: what uses others goes before them.
fn wave(app: &str, env: &str, stack: &DeployedStack) -> usize {
    if stack.is_workload() {
        return 0;
    }
    let prefix = format!("{app}-{env}-");
    match stack.stack.name.strip_prefix(&prefix) {
        Some("network") => 3,
        Some("platform") => 2,
        Some(name) if name == "resources" || name.starts_with("resources-") => 1,
        _ => 0,
    }
}

/// Returns the stacks that `down` deletes, in the order of their waves.
fn going<'a>(
    app: &str,
    env: &str,
    stacks: &'a IndexMap<String, DeployedStack>,
    keep_data: bool,
) -> Vec<&'a DeployedStack> {
    let has_data = stacks.values().any(|stack| wave(app, env, stack) == 1);
    let goes = |stack: &&DeployedStack| match wave(app, env, stack) {
        1 => !keep_data,
        3 => !(keep_data && has_data),
        _ => true,
    };
    let mut going: Vec<&DeployedStack> = stacks.values().filter(goes).collect();
    going.sort_by_key(|stack| wave(app, env, stack));
    going
}

impl Engine {
    /// Returns the names of the stacks that [`Engine::down`] would delete, in its order.
    ///
    /// # Errors
    /// When the cloud does not answer.
    pub async fn down_list(&self, app: &str, env: &str, keep_data: bool) -> Result<Vec<String>, EngineError> {
        let stacks = deployed::read(&*self.cloud, app, env, &[]).await?;
        Ok(going(app, env, &stacks, keep_data).into_iter().map(|stack| stack.stack.name.clone()).collect())
    }

    /// Deletes the environment: workloads, then resources, platform and network. With
    /// `keep_data` the resources stay, and the network with them.
    pub async fn down(&self, app: &str, env: &str, keep_data: bool) -> Finished {
        let run = self.begin("down", app, env);
        self.operate(&run, async {
            let stacks = deployed::read(&*self.cloud, app, env, &[]).await?;
            let has_data = stacks.values().any(|stack| wave(app, env, stack) == 1);
            let going = going(app, env, &stacks, keep_data);
            self.events.phase(Phase::Delete).info(EventKind::Started {
                action: "down".to_owned(),
                app: app.to_owned(),
                env: env.to_owned(),
                stacks: going.iter().map(|stack| stack.stack.name.clone()).collect(),
                release: None,
            });
            if self.options.dry_run {
                return Ok(format!("dry run: {} stacks would be deleted", going.len()));
            }
            for number in 0..4 {
                let of_wave = going.iter().filter(|stack| wave(app, env, stack) == number);
                let answers = join_all(of_wave.map(|stack| async move {
                    let workload = (number == 0).then(|| deployed::workload_name(app, env, &stack.stack));
                    self.delete(workload.as_deref(), &stack.stack.name, Phase::Delete).await
                }))
                .await;
                let mut failed: Vec<Stop> = answers.into_iter().filter_map(Result::err).collect();
                // Every failure counts: the first tells where, the causes are told together.
                if failed.len() > 1 {
                    let causes: Vec<String> = failed.iter().map(ToString::to_string).collect();
                    return Err(Failure { cause: causes.join("; "), ..Failure::default() }.into());
                }
                if let Some(stop) = failed.pop() {
                    return Err(stop);
                }
            }
            Ok(match going.len() {
                0 => "nothing to do: there is no stack".to_owned(),
                number if keep_data && has_data => {
                    format!("{number} stacks deleted; data and network stay")
                }
                number => format!("{number} stacks deleted"),
            })
        })
        .await
    }
}
