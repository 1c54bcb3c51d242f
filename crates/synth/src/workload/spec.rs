//! What the release engine needs to know of a workload.

use seaway_model::Image;
use seaway_model::Kind;
use seaway_model::RunPoint;
use seaway_model::Workload;

use super::service::SERVICE;
use crate::Gate;
use crate::VerifyCheck;
use crate::WorkloadSpec;
use crate::context::Context;

/// Returns the description of a workload.
pub(super) fn describe(context: &Context<'_>, workload: &Workload) -> WorkloadSpec {
    let mut secrets: Vec<String> = Vec::new();
    for name in workload.containers.iter().flat_map(|container| container.secrets.values()) {
        if let Some(secret) = context.app.secrets.get(name)
            && !secrets.contains(&secret.store_name)
        {
            secrets.push(secret.store_name.clone());
        }
    }
    let mut spec = WorkloadSpec {
        name: workload.name.clone(),
        kind: workload.kind.as_str(),
        service: None,
        gate: None,
        depends_on: workload.depends_on.iter().map(|edge| edge.workload.clone()).collect(),
        completed: workload
            .depends_on
            .iter()
            .filter(|edge| edge.completed)
            .map(|edge| edge.workload.clone())
            .collect(),
        container: workload.containers.first().map(|container| container.name.clone()).unwrap_or_default(),
        log_group: context.names.log_group(&workload.name),
        secrets,
        built: workload
            .containers
            .iter()
            .filter(|container| matches!(container.image, Image::Build(_)))
            .map(|container| container.name.clone())
            .collect(),
        fail_fast: true,
        confirm: false,
        timeout: None,
        verify: Vec::new(),
    };
    match &workload.kind {
        Kind::Service(service) => {
            spec.service = Some(SERVICE.to_owned());
            spec.fail_fast = service.rollout.fail_fast;
            spec.verify = service
                .rollout
                .verify
                .iter()
                .map(|check| VerifyCheck {
                    path: check.path.clone(),
                    status: check.status,
                    contains: check.contains.clone(),
                })
                .collect();
        }
        Kind::Job(job) => spec.timeout = job.timeout,
        Kind::Task(task) => {
            spec.gate = match task.run {
                RunPoint::Before => Some(Gate::Before),
                RunPoint::After => Some(Gate::After),
                RunPoint::Request => None,
            };
            spec.confirm = task.confirm;
            spec.timeout = task.timeout;
        }
    }
    spec
}
