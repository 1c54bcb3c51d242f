//! Container definitions.

use seaway_cfn::Value;
use seaway_model::Container;
use seaway_model::ContainerCheck;
use seaway_model::Image;
use seaway_model::Kind;

use super::logs::LOG_GROUP;
use super::policy::own_arn;
use super::roles::parameter_arn;
use super::stack::Parts;
use crate::ParameterSource;
use crate::builder::Builder;
use crate::context::service_of;
use crate::naming::logical_id;
use crate::resources::Resources;

/// Memory for log lines that CloudWatch has not taken yet.
const LOG_BUFFER: &str = "25m";

/// Label that says that runs of a job must not overlap; ECS itself has no such setting.
const OVERLAP_LABEL: &str = "seaway.overlap";
/// Label that says after how many seconds a run is stopped.
const TIMEOUT_LABEL: &str = "seaway.timeout";

/// Returns the definition of a container.
pub(super) fn definition(
    parts: &Parts<'_, '_>,
    container: &Container,
    resources: &Resources<'_>,
    builder: &mut Builder,
) -> Value {
    Value::map([
        ("Name", Value::from(container.name.as_str())),
        ("Image", image(container, builder)),
        ("Essential", Value::from(container.essential)),
        ("EntryPoint", texts(container.entrypoint.as_deref())),
        ("Command", texts(container.command.as_deref())),
        ("Environment", environment(parts, container, resources, builder)),
        ("Secrets", secrets(parts, container)),
        ("PortMappings", port_mappings(parts, container)),
        ("HealthCheck", container.health.as_ref().map_or(Value::Null, health_check)),
        ("DependsOn", depends_on(container)),
        ("StopTimeout", Value::from(container.stop_timeout)),
        ("User", Value::from(container.user.clone())),
        ("WorkingDirectory", Value::from(container.working_directory.clone())),
        ("ReadonlyRootFilesystem", Value::from(container.read_only)),
        ("LinuxParameters", Value::map([("InitProcessEnabled", Value::from(container.init))])),
        ("MountPoints", mount_points(container)),
        ("DockerLabels", labels(parts, container)),
        ("LogConfiguration", log_configuration()),
    ])
}

fn unless_empty(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::List(items) }
}

fn texts(words: Option<&[String]>) -> Value {
    // An empty list and a missing one are the same to ECS: what the image says.
    unless_empty(words.unwrap_or_default().iter().map(|word| Value::from(word.as_str())).collect())
}

fn image(container: &Container, builder: &mut Builder) -> Value {
    match &container.image {
        Image::Reference(reference) => Value::from(reference.as_str()),
        Image::Build(_) => builder.parameter(
            &format!("Image{}", logical_id(&container.name)),
            "String",
            &format!("Image of {}, by digest", container.name),
            ParameterSource::Image { service: container.name.clone() },
        ),
    }
}

fn pair(name: &str, key: &'static str, value: Value) -> Value {
    Value::map([("Name", Value::from(name)), (key, value)])
}

fn environment(
    parts: &Parts<'_, '_>,
    container: &Container,
    resources: &Resources<'_>,
    builder: &mut Builder,
) -> Value {
    let mut all: Vec<Value> = Vec::with_capacity(container.environment.len() + parts.variables.len());
    for (name, text) in &container.environment {
        // `x-s3::uploads::BucketName` stands for the attribute of the resource.
        let value = seaway_kinds::pseudo(text).or_else(|| {
            let reference = seaway_kinds::parse_reference(text)?;
            resources.value_of(builder, &reference)
        });
        all.push(pair(name, "Value", value.unwrap_or_else(|| Value::from(text.as_str()))));
    }
    all.extend(parts.variables.iter().map(|(name, value)| pair(name, "Value", value.clone())));
    unless_empty(all)
}

fn secrets(parts: &Parts<'_, '_>, container: &Container) -> Value {
    let entries = container.secrets.iter().filter_map(|(variable, name)| {
        let secret = parts.context.app.secrets.get(name)?;
        let arn = if secret.secrets_manager {
            match secret.variables.get(variable) {
                Some(Some(key)) => {
                    own_arn("secretsmanager", &format!("secret:{}:{key}::", secret.store_name))
                }
                _ => own_arn("secretsmanager", &format!("secret:{}", secret.store_name)),
            }
        } else {
            parameter_arn(&secret.store_name)
        };
        Some(pair(variable, "ValueFrom", arn))
    });
    let of_resources =
        parts.secret_variables.iter().map(|(name, value)| pair(name, "ValueFrom", value.clone()));
    unless_empty(entries.chain(of_resources).collect())
}

fn port_mappings(parts: &Parts<'_, '_>, container: &Container) -> Value {
    let service = service_of(parts.workload);
    let mappings = container.ports.iter().map(|port| {
        let internal = service.and_then(|service| {
            service
                .internal_ports
                .iter()
                .find(|internal| internal.port == *port && internal.container == container.name)
        });
        Value::map([
            ("ContainerPort", Value::from(*port)),
            ("Protocol", Value::from("tcp")),
            ("Name", Value::from(internal.map(|internal| internal.name.clone()))),
            ("AppProtocol", Value::from(internal.and_then(|internal| internal.app_protocol.clone()))),
        ])
    });
    unless_empty(mappings.collect())
}

fn health_check(check: &ContainerCheck) -> Value {
    Value::map([
        ("Command", texts(Some(&check.command))),
        ("Interval", Value::from(check.interval)),
        ("Timeout", Value::from(check.timeout)),
        ("Retries", Value::from(check.retries)),
        ("StartPeriod", Value::from(check.start_period)),
    ])
}

fn depends_on(container: &Container) -> Value {
    let entries = container.depends_on.iter().map(|(name, condition)| {
        Value::map([
            ("ContainerName", Value::from(name.as_str())),
            ("Condition", Value::from(condition.as_str())),
        ])
    });
    unless_empty(entries.collect())
}

/// Name of a volume in the task definition: letters, digits, `-` and `_` only.
pub(super) fn volume_name(volume: &str) -> String {
    if volume.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        volume.to_owned()
    } else {
        logical_id(volume)
    }
}

fn mount_points(container: &Container) -> Value {
    let entries = container.mounts.iter().map(|mount| {
        Value::map([
            ("SourceVolume", Value::from(volume_name(&mount.volume))),
            ("ContainerPath", Value::from(mount.path.as_str())),
            ("ReadOnly", Value::from(mount.read_only)),
        ])
    });
    unless_empty(entries.collect())
}

/// Labels of the user, and those parts of a job that neither ECS nor the scheduler can hold.
fn labels(parts: &Parts<'_, '_>, container: &Container) -> Value {
    let mut labels: Vec<(String, Value)> =
        container.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let is_main = parts.workload.containers.first().is_some_and(|main| main.name == container.name);
    if is_main && let Kind::Job(job) = &parts.workload.kind {
        if !job.overlap {
            labels.push((OVERLAP_LABEL.to_owned(), Value::from("false")));
        }
        if let Some(timeout) = job.timeout {
            labels.push((TIMEOUT_LABEL.to_owned(), Value::from(timeout.to_string())));
        }
    }
    if labels.is_empty() { Value::Null } else { Value::map(labels) }
}

fn log_configuration() -> Value {
    Value::map([
        ("LogDriver", Value::from("awslogs")),
        (
            "Options",
            Value::map([
                ("awslogs-group", Value::reference(LOG_GROUP)),
                ("awslogs-region", Value::reference("AWS::Region")),
                ("awslogs-stream-prefix", Value::from("ecs")),
                // A service that stands still because its logs cannot be written is the worse end.
                ("mode", Value::from("non-blocking")),
                ("max-buffer-size", Value::from(LOG_BUFFER)),
            ]),
        ),
    ])
}
