//! The properties of `AWS::ECS::Service` that mean something here.

use serde::Deserialize;
use serde_json::Value;

use super::ids;
use super::lenient;
use super::state::Configuration;
use super::state::LoadBalancer;
use super::state::Revision;
use super::task_definition;

/// Properties of a service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ServiceProperties {
    pub(super) service_name: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) task_definition: String,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) desired_count: Option<u32>,
    deployment_configuration: DeploymentConfiguration,
    load_balancers: Vec<LoadBalancerProperties>,
    #[serde(deserialize_with = "lenient::number")]
    health_check_grace_period_seconds: Option<u32>,
    service_connect_configuration: Option<ServiceConnect>,
    network_configuration: Value,
    force_new_deployment: Value,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeploymentConfiguration {
    #[serde(deserialize_with = "lenient::number")]
    minimum_healthy_percent: Option<u32>,
    #[serde(deserialize_with = "lenient::number")]
    maximum_percent: Option<u32>,
    deployment_circuit_breaker: Breaker,
    early_success_criteria: EarlySuccess,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Breaker {
    #[serde(deserialize_with = "lenient::boolean")]
    enable: Option<bool>,
    #[serde(deserialize_with = "lenient::boolean")]
    rollback: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EarlySuccess {
    #[serde(deserialize_with = "lenient::boolean")]
    enable: Option<bool>,
    #[serde(deserialize_with = "lenient::number")]
    healthy_percent: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LoadBalancerProperties {
    target_group_arn: Option<String>,
    container_name: String,
    #[serde(deserialize_with = "lenient::number")]
    container_port: Option<u16>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ServiceConnect {
    #[serde(deserialize_with = "lenient::boolean")]
    enabled: Option<bool>,
    services: Vec<ServiceConnectService>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ServiceConnectService {
    port_name: String,
    discovery_name: Option<String>,
    client_aliases: Vec<ClientAlias>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ClientAlias {
    dns_name: Option<String>,
}

impl ServiceProperties {
    /// Reads the properties.
    pub(super) fn read(properties: &Value) -> Result<ServiceProperties, String> {
        ServiceProperties::deserialize(properties)
            .map_err(|error| format!("the properties cannot be read: {error}"))
    }

    /// Returns the name of the cluster; ECS' own default is `default`.
    pub(super) fn cluster_name(&self) -> String {
        ids::last_part(self.cluster.as_deref().unwrap_or("default")).to_owned()
    }

    /// Returns how deployments go (defaults: ECS API reference, `DeploymentConfiguration`).
    pub(super) fn configuration(&self) -> Configuration {
        let given = &self.deployment_configuration;
        let early = &given.early_success_criteria;
        let minimum = given.minimum_healthy_percent.unwrap_or(100);
        Configuration {
            minimum_percent: minimum,
            maximum_percent: given.maximum_percent.unwrap_or(200),
            breaker: given.deployment_circuit_breaker.enable == Some(true),
            rollback: given.deployment_circuit_breaker.rollback == Some(true),
            early_percent: (early.enable == Some(true))
                .then(|| early.healthy_percent.unwrap_or(100).max(minimum).min(100)),
            grace: self.health_check_grace_period_seconds.unwrap_or(0),
        }
    }

    /// Returns what makes a new deployment when it changes. `definition` is `family:revision`.
    pub(super) fn revision(&self, definition: String) -> Revision {
        let connect = self.service_connect_configuration.as_ref().filter(|one| one.enabled != Some(false));
        let mut aliases: Vec<String> = connect
            .into_iter()
            .flat_map(|connect| &connect.services)
            .flat_map(|service| {
                let names = service.client_aliases.iter().filter_map(|alias| alias.dns_name.clone());
                // Without a name of its own a port is found by the name of the port.
                let discovery = service.discovery_name.clone().unwrap_or_else(|| service.port_name.clone());
                names.chain(Some(discovery))
            })
            .filter(|name| !name.is_empty())
            .collect();
        aliases.sort();
        aliases.dedup();
        Revision {
            definition,
            load_balancers: self
                .load_balancers
                .iter()
                .filter_map(|one| {
                    Some(LoadBalancer {
                        target_group: one.target_group_arn.clone()?,
                        container: one.container_name.clone(),
                        port: one.container_port?,
                    })
                })
                .collect(),
            aliases,
            rest: serde_json::json!([self.network_configuration, self.force_new_deployment]),
        }
    }

    /// Returns the task definition as it was given, without the ARN around it.
    pub(super) fn definition(&self) -> &str {
        task_definition::short_name(&self.task_definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_matters() {
        let properties = ServiceProperties::read(&serde_json::json!({
            "Cluster": "arn:aws:ecs:local:000000000000:cluster/shop",
            "TaskDefinition": "arn:aws:ecs:local:000000000000:task-definition/web:3",
            "DesiredCount": "2",
            "DeploymentConfiguration": {
                "MinimumHealthyPercent": 50, "MaximumPercent": 150,
                "DeploymentCircuitBreaker": {"Enable": true, "Rollback": true},
                "EarlySuccessCriteria": {"Enable": true, "HealthyPercent": 10}
            },
            "LoadBalancers": [{"TargetGroupArn": "tg", "ContainerName": "web", "ContainerPort": 8080}],
            "ServiceConnectConfiguration": {"Enabled": true, "Services": [
                {"PortName": "http", "DiscoveryName": "api", "ClientAliases": [{"DnsName": "api", "Port": 80}]}
            ]},
            "HealthCheckGracePeriodSeconds": 7
        }))
        .expect("reads");
        assert_eq!((properties.cluster_name().as_str(), properties.definition()), ("shop", "web:3"));
        let configuration = properties.configuration();
        assert_eq!((configuration.minimum_percent, configuration.maximum_percent), (50, 150));
        assert_eq!((configuration.breaker, configuration.rollback), (true, true));
        assert_eq!((configuration.early_percent, configuration.grace), (Some(50), 7));
        let revision = properties.revision("web:3".to_owned());
        assert_eq!(revision.aliases, ["api"]);
        assert_eq!(revision.load_balancers[0].port, 8080);
    }

    #[test]
    fn defaults_are_those_of_ecs() {
        let properties = ServiceProperties::read(&serde_json::json!({})).expect("reads");
        let configuration = properties.configuration();
        assert_eq!((configuration.minimum_percent, configuration.maximum_percent), (100, 200));
        assert_eq!((configuration.breaker, configuration.early_percent), (false, None));
        assert_eq!(properties.desired_count, None);
        assert_eq!(properties.cluster_name(), "default");
    }
}
