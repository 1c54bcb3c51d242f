//! A Compose service → a container of a workload.

use indexmap::IndexMap;
use seaway_compose::MountKind;
use seaway_compose::Service;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;

use crate::Build;
use crate::Container;
use crate::Image;
use crate::Mount;
use crate::Secret;
use crate::codes;
use crate::health;

/// Seconds between SIGTERM and SIGKILL in Compose.
const STOP_TIMEOUT: u32 = 10;
/// Labels that Seaway reads.
pub(crate) const OUR_LABELS: &str = "ecs.";

/// Reads a container; its place in the task (`essential`, `depends_on`) is set by the group.
pub(crate) fn read(
    service: &Service,
    secrets: &IndexMap<String, Secret>,
    sink: &mut Sink,
) -> Option<Container> {
    let name = service.name.value.clone();
    let image = read_image(service, sink);
    let environment = read_environment(service, sink);
    let container_secrets = read_secrets(service, secrets, &environment, sink);
    let mounts = read_mounts(service, sink);
    let mut ports = Vec::new();
    for port in
        service.ports.iter().map(|port| port.target).chain(service.expose.iter().map(|port| port.value))
    {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Some(Container {
        span: service.name.span,
        image: image?,
        command: service.command.as_ref().map(|command| command.value.clone()),
        entrypoint: service.entrypoint.as_ref().map(|entrypoint| entrypoint.value.clone()),
        environment,
        secrets: container_secrets,
        ports,
        health: service.healthcheck.as_ref().and_then(|check| health::read(&name, check, sink)),
        essential: true,
        depends_on: IndexMap::new(),
        stop_timeout: read_stop_timeout(service, sink),
        user: service.user.as_ref().map(|user| user.value.clone()),
        working_directory: service.working_dir.as_ref().map(|folder| folder.value.clone()),
        read_only: service.read_only.is_some_and(|truth| truth.value),
        // A shell as PID 1 ignores SIGTERM and leaves zombies; an init process does neither.
        init: service.init.is_none_or(|truth| truth.value),
        mounts,
        labels: service
            .labels
            .iter()
            .filter(|(label, _)| !label.starts_with(OUR_LABELS))
            .map(|(label, value)| (label.clone(), value.value.clone()))
            .collect(),
        name,
    })
}

fn read_image(service: &Service, sink: &mut Sink) -> Option<Image> {
    let name = &service.name.value;
    let Some(build) = &service.build else {
        let Some(image) = &service.image else {
            sink.push(
                Diagnostic::error(
                    codes::NO_IMAGE,
                    format!("service `{name}` has neither `image` nor `build`"),
                )
                .label(service.name.span, "this service")
                .help("add `image: NAME` or `build: FOLDER`"),
            );
            return None;
        };
        return Some(Image::Reference(image.value.clone()));
    };
    let mut args = IndexMap::new();
    for (key, value) in &build.args {
        match &value.value {
            Some(text) => {
                args.insert(key.clone(), text.clone());
            }
            None => sink.push(
                Diagnostic::warning(
                    codes::UNSET_VARIABLE,
                    format!("build argument `{key}` of service `{name}` has no value"),
                )
                .label(value.span, "taken from the shell, and not set there")
                .help(format!("set `{key}` in the shell or write a value")),
            ),
        }
    }
    Some(Image::Build(Build {
        context: build.context.value.clone(),
        dockerfile: build.dockerfile.as_ref().map(|text| text.value.clone()),
        dockerfile_inline: build.dockerfile_inline.as_ref().map(|text| text.value.clone()),
        args,
        target: build.target.as_ref().map(|text| text.value.clone()),
        repository: service.image.as_ref().map(|image| repository(&image.value)),
    }))
}

/// Returns an image reference without tag and digest.
fn repository(reference: &str) -> String {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository.to_owned(),
        _ => name.to_owned(),
    }
}

fn read_environment(service: &Service, sink: &mut Sink) -> IndexMap<String, String> {
    let mut environment = IndexMap::new();
    for (key, value) in &service.environment {
        match &value.value {
            Some(text) => {
                environment.insert(key.clone(), text.clone());
            }
            None => sink.push(
                Diagnostic::warning(
                    codes::UNSET_VARIABLE,
                    format!("`{key}` of service `{}` has no value and is left out", service.name.value),
                )
                .label(value.span, "taken from the shell, and not set there")
                .help(format!("set `{key}` in the shell, write a value, or make it a secret")),
            ),
        }
    }
    environment
}

/// Returns environment variable → secret. ECS hands secrets over as environment variables only:
/// `target` names it when given (its last part when it is a path), else the secret's own name.
fn read_secrets(
    service: &Service,
    secrets: &IndexMap<String, Secret>,
    environment: &IndexMap<String, String>,
    sink: &mut Sink,
) -> IndexMap<String, String> {
    let mut variables: IndexMap<String, String> = IndexMap::new();
    let name = &service.name.value;
    for grant in &service.secrets {
        let Some(secret) = secrets.get(&grant.source) else {
            let finding = Diagnostic::error(
                codes::BAD_SECRET,
                format!("service `{name}` uses secret `{}`, which is not defined", grant.source),
            )
            .label(grant.span, "no such secret");
            sink.push(match nearest(&grant.source, secrets.keys().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("define it under `secrets` at the top level"),
            });
            continue;
        };
        let target = grant.target.as_deref().unwrap_or(&grant.source);
        let plain = target.rsplit('/').next().unwrap_or(target).to_owned();
        let named: Vec<String> = if secret.variables.is_empty() {
            vec![plain]
        } else {
            secret.variables.keys().cloned().collect()
        };
        for variable in named {
            let twice = if environment.contains_key(&variable) {
                Some("`environment` sets it, too")
            } else if variables.contains_key(&variable) {
                Some("another secret sets it, too")
            } else {
                None
            };
            if let Some(reason) = twice {
                sink.push(
                    Diagnostic::error(
                        codes::VARIABLE_TWICE,
                        format!("`{variable}` of service `{name}` is set twice"),
                    )
                    .label(grant.span, reason)
                    .note("ECS refuses a task definition in which a variable is plain and secret")
                    .help("remove one, or give the secret another name with `target`"),
                );
                continue;
            }
            variables.insert(variable, grant.source.clone());
        }
    }
    variables
}

fn read_mounts(service: &Service, sink: &mut Sink) -> Vec<Mount> {
    let name = &service.name.value;
    let mut mounts: Vec<Mount> = Vec::new();
    for mount in &service.volumes {
        match mount.kind {
            MountKind::Volume => {
                // An anonymous volume has the life of its container: a volume of the task.
                let volume = mount.source.clone().unwrap_or_else(|| format!("{name}{}", mount.target));
                mounts.push(Mount { volume, path: mount.target.clone(), read_only: mount.read_only });
            }
            MountKind::Bind => sink.push(
                Diagnostic::error(codes::BAD_MOUNT, format!("service `{name}` mounts a folder of this machine at `{}`", mount.target))
                    .label(mount.span, "a bind mount")
                    .note("there is no such folder where Fargate runs the task, and `local` runs the same templates")
                    .help("copy it into the image (`COPY` in the Dockerfile), or use a named volume"),
            ),
            MountKind::Tmpfs => sink.push(
                Diagnostic::warning(codes::NOT_ON_ECS, format!("the tmpfs at `{}` of service `{name}` is left out", mount.target))
                    .label(mount.span, "Seaway does not carry it yet; the writable layer is there"),
            ),
            MountKind::Other => sink.push(
                Diagnostic::error(codes::BAD_MOUNT, format!("the mount at `{}` of service `{name}` is not possible on ECS", mount.target))
                    .label(mount.span, "only named volumes are")
                    .help("use a named volume"),
            ),
        }
    }
    mounts
}

fn read_stop_timeout(service: &Service, sink: &mut Sink) -> u32 {
    let Some(given) = &service.stop_grace_period else { return STOP_TIMEOUT };
    let seconds = health::whole(given.value).clamp(2, 120);
    if f64::from(seconds) != given.value {
        sink.push(
            Diagnostic::info(
                codes::STOP_CLAMPED,
                format!(
                    "`stop_grace_period` of `{}` is {seconds} s on ECS, not {} s",
                    service.name.value, given.value
                ),
            )
            .label(given.span, "Fargate takes whole seconds from 2 to 120"),
        );
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn references_lose_their_tag() {
        for (reference, expected) in [
            ("shop/web:1.0", "shop/web"),
            ("localhost:5000/web", "localhost:5000/web"),
            ("localhost:5000/web:2", "localhost:5000/web"),
            ("web@sha256:00", "web"),
            ("web:1@sha256:00", "web"),
        ] {
            assert_eq!(repository(reference), expected);
        }
    }
}
