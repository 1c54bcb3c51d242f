//! Task definitions: the properties of `AWS::ECS::TaskDefinition` that mean something here.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::Serialize;

use super::lenient;

/// A registered revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TaskDefinition {
    /// Family.
    pub(super) family: String,
    /// Counts up within the family.
    pub(super) revision: u64,
    /// Stack that registered it.
    pub(super) stack: String,
    /// Token of the resource: registering twice is registering once.
    pub(super) token: String,
    /// Tags of the stack.
    pub(super) tags: IndexMap<String, String>,
    /// Properties as they came.
    pub(super) properties: serde_json::Value,
    /// Deregistered, but still in use.
    #[serde(default)]
    pub(super) inactive: bool,
}

impl TaskDefinition {
    /// Returns `family:revision`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// Returns the properties, typed.
    pub(super) fn parse(&self) -> Result<Properties, serde_json::Error> {
        Properties::deserialize(&self.properties)
    }
}

/// Properties of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Properties {
    pub(super) family: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) cpu: Option<i64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) memory: Option<i64>,
    pub(super) container_definitions: Vec<ContainerDefinition>,
    pub(super) volumes: Vec<Volume>,
}

/// A container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ContainerDefinition {
    pub(super) name: String,
    pub(super) image: String,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) essential: Option<bool>,
    pub(super) command: Vec<String>,
    pub(super) entry_point: Vec<String>,
    pub(super) environment: Vec<Pair>,
    pub(super) secrets: Vec<Secret>,
    pub(super) port_mappings: Vec<PortMapping>,
    pub(super) health_check: Option<HealthCheck>,
    pub(super) depends_on: Vec<Dependency>,
    pub(super) mount_points: Vec<MountPoint>,
    pub(super) user: Option<String>,
    pub(super) working_directory: Option<String>,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) readonly_root_filesystem: Option<bool>,
    pub(super) linux_parameters: LinuxParameters,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) memory: Option<i64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) cpu: Option<i64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) stop_timeout: Option<i32>,
    pub(super) log_configuration: Option<LogConfiguration>,
    pub(super) docker_labels: IndexMap<String, String>,
    pub(super) ulimits: Vec<Ulimit>,
    pub(super) extra_hosts: Vec<ExtraHost>,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) interactive: Option<bool>,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) pseudo_terminal: Option<bool>,
}

impl ContainerDefinition {
    /// Returns true unless the definition says otherwise (ECS' default).
    pub(super) fn essential(&self) -> bool {
        self.essential.unwrap_or(true)
    }

    /// Returns log group and the stream's prefix; containers without `awslogs` get a group of
    /// their family, so that `logs` shows them here, too.
    pub(super) fn log_destination(&self, family: &str) -> (String, String) {
        let option = |name: &str| {
            self.log_configuration.as_ref().and_then(|log| log.options.get(name)).map(|text| text.0.clone())
        };
        (
            option("awslogs-group").unwrap_or_else(|| format!("/ecs/{family}")),
            option("awslogs-stream-prefix").unwrap_or_else(|| "ecs".to_owned()),
        )
    }
}

/// A name and its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Pair {
    pub(super) name: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) value: String,
}

/// A secret as environment variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Secret {
    pub(super) name: String,
    pub(super) value_from: String,
}

/// A port of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PortMapping {
    #[serde(deserialize_with = "lenient::number")]
    pub(super) container_port: Option<u16>,
    pub(super) protocol: Option<String>,
    pub(super) name: Option<String>,
}

/// A container health check. `CMD` or `CMD-SHELL` comes first in the command.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HealthCheck {
    pub(super) command: Vec<String>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) interval: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) timeout: Option<u64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) retries: Option<u32>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) start_period: Option<u64>,
}

/// What must have happened to another container of the task first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Dependency {
    pub(super) container_name: String,
    /// `START`, `HEALTHY`, `COMPLETE`, `SUCCESS`.
    pub(super) condition: String,
}

/// Where a volume appears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct MountPoint {
    pub(super) source_volume: String,
    pub(super) container_path: String,
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) read_only: Option<bool>,
}

/// A volume of the task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) host: Option<HostVolume>,
}

/// A folder of the host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostVolume {
    pub(super) source_path: Option<String>,
}

/// Options of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LinuxParameters {
    #[serde(deserialize_with = "lenient::boolean")]
    pub(super) init_process_enabled: Option<bool>,
    /// MiB.
    #[serde(deserialize_with = "lenient::number")]
    pub(super) shared_memory_size: Option<i64>,
    pub(super) tmpfs: Vec<Tmpfs>,
    pub(super) capabilities: Capabilities,
}

/// A folder in memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Tmpfs {
    pub(super) container_path: String,
    /// MiB.
    #[serde(deserialize_with = "lenient::number")]
    pub(super) size: Option<i64>,
    pub(super) mount_options: Vec<String>,
}

/// Kernel capabilities.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Capabilities {
    pub(super) add: Vec<String>,
    pub(super) drop: Vec<String>,
}

/// Where the output goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LogConfiguration {
    pub(super) log_driver: String,
    pub(super) options: IndexMap<String, Text>,
}

/// A scalar as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Text(#[serde(deserialize_with = "lenient::text")] pub(super) String);

/// A resource limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Ulimit {
    pub(super) name: String,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) soft_limit: Option<i64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) hard_limit: Option<i64>,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ExtraHost {
    pub(super) hostname: String,
    pub(super) ip_address: String,
}

/// Returns `family:revision` out of an ARN or what is that already.
pub(super) fn short_name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_scalars_as_cloudformation_hands_them_over() {
        let properties: Properties = serde_json::from_value(serde_json::json!({
            "Cpu": "256", "Memory": 512,
            "ContainerDefinitions": [{
                "Name": "web", "Image": "web:1", "Essential": "true",
                "Environment": [{"Name": "PORT", "Value": 8080}],
                "PortMappings": [{"ContainerPort": "8080"}],
                "HealthCheck": {"Command": ["CMD", "/ok"], "Interval": "5"},
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "/g", "max-buffer-size": 4}}
            }]
        }))
        .expect("reads");
        assert_eq!((properties.cpu, properties.memory), (Some(256), Some(512)));
        let container = &properties.container_definitions[0];
        assert!(container.essential());
        assert_eq!(container.environment[0].value, "8080");
        assert_eq!(container.port_mappings[0].container_port, Some(8080));
        assert_eq!(container.health_check.as_ref().and_then(|check| check.interval), Some(5));
        assert_eq!(container.log_destination("f"), ("/g".to_owned(), "ecs".to_owned()));
    }

    #[test]
    fn short_names() {
        for (reference, short) in [
            ("arn:aws:ecs:local:000000000000:task-definition/web:3", "web:3"),
            ("web:3", "web:3"),
            ("web", "web"),
        ] {
            assert_eq!(short_name(reference), short);
        }
    }
}
