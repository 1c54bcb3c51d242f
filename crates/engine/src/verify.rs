//! Checks of the public addresses.

use seaway_cloud::event::EventKind;
use seaway_cloud::event::Level;
use seaway_cloud::event::Phase;
use seaway_synth::VerifyCheck;

use crate::Engine;
use crate::failure::Failure;
use crate::failure::Stop;
use crate::run::Run;
use crate::unit::Unit;

/// Attempts of a check: a load balancer may take a moment to know its targets.
const ATTEMPTS: u32 = 10;

impl Engine {
    /// Makes all checks of a workload.
    pub(crate) async fn verify(&self, run: &Run, unit: &Unit) -> Result<(), Stop> {
        let Some(spec) = unit.workload.as_ref().filter(|spec| !spec.verify.is_empty()) else {
            return Ok(());
        };
        let outputs = run.progress().outputs.get(&unit.name).cloned().unwrap_or_default();
        let Some(base) = outputs.get("Url") else {
            return Err(Engine::missing_output(&unit.name, "Url").into());
        };
        let topic = self.events.phase(Phase::Verify).stack(&unit.name).workload(Some(&spec.name));
        for check in &spec.verify {
            let url = format!("{}{}", base.trim_end_matches('/'), check.path);
            let name = format!("GET {url}");
            let mut attempt = 1;
            let answer = loop {
                match self.check(&url, check).await {
                    Err(_) if attempt < ATTEMPTS => {
                        attempt += 1;
                        self.pause().await;
                    }
                    answer => break answer,
                }
            };
            let (passed, detail) = match answer {
                Ok(detail) => (true, detail),
                Err(detail) => (false, detail),
            };
            let level = if passed { Level::Info } else { Level::Error };
            topic.push(level, EventKind::Check { name: name.clone(), passed, detail: detail.clone() });
            if !passed {
                return Err(Failure {
                    stack: Some(unit.name.clone()),
                    workload: Some(spec.name.clone()),
                    cause: format!("the check {name} failed: {detail}"),
                    service: crate::deployed::service_of(&outputs),
                    cluster: outputs.get("ClusterName").cloned(),
                    log_group: Some(spec.log_group.clone()),
                    ..Failure::default()
                }
                .into());
            }
        }
        Ok(())
    }

    async fn check(&self, url: &str, check: &VerifyCheck) -> Result<String, String> {
        let answer = self.http.get(url).await?;
        if answer.status != check.status {
            return Err(format!("status {} instead of {}", answer.status, check.status));
        }
        match &check.contains {
            Some(text) if !answer.text.contains(text) => {
                Err(format!("status {}, but the answer does not hold {text:?}", answer.status))
            }
            _ => Ok(format!("status {}", answer.status)),
        }
    }
}
