//! The ECS service.

use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_model::Service;

use super::routing::Attachments;
use super::security::Network;
use super::stack::Parts;
use super::task_definition::TASK_DEFINITION;
use crate::builder::Builder;
use crate::naming::discovery_part;

/// Logical id of the service.
pub(super) const SERVICE: &str = "Service";

/// Adds the service.
pub(super) fn synth(
    parts: &Parts<'_, '_>,
    service: &Service,
    network: &Network,
    attachments: Attachments,
    builder: &mut Builder,
) {
    let context = parts.context;
    let cluster = context.platform_output(builder, "ClusterName", "String", "The cluster");
    let rollout = &service.rollout;
    let breaker = Value::map([("Enable", Value::from(true)), ("Rollback", Value::from(rollout.rollback))]);
    let deployment = Value::map([
        ("MinimumHealthyPercent", Value::from(rollout.minimum_healthy)),
        ("MaximumPercent", Value::from(rollout.maximum)),
        ("DeploymentCircuitBreaker", breaker),
    ]);
    // Rebalancing starts the new task first and is refused where there is no room for it.
    let rebalancing = if rollout.maximum > 100 { "ENABLED" } else { "DISABLED" };
    let routed = !attachments.load_balancers.is_empty();
    let grace = service.grace_period.filter(|_| routed);
    let load_balancers = if routed { Value::List(attachments.load_balancers) } else { Value::Null };
    let connect = connect(parts, service, builder);
    // The count belongs to autoscaling where there is any: a release must not reset it. Nothing
    // scales on this machine.
    let scaled = parts.scaled && !context.app.environment.is_local();
    let desired_count = (!scaled).then_some(service.replicas);
    let mut resource = Resource::new("AWS::ECS::Service")
        .with("Cluster", cluster)
        .with("TaskDefinition", Value::reference(TASK_DEFINITION))
        .with("DesiredCount", desired_count)
        .with("CapacityProviderStrategy", context.capacity())
        .with("DeploymentConfiguration", deployment)
        .with("AvailabilityZoneRebalancing", rebalancing)
        .with("EnableExecuteCommand", service.exec)
        .with("EnableECSManagedTags", true)
        .with("PropagateTags", "SERVICE")
        .with("HealthCheckGracePeriodSeconds", grace)
        .with("LoadBalancers", load_balancers)
        .with("NetworkConfiguration", network.configuration())
        .with("ServiceConnectConfiguration", connect)
        .with("Tags", parts.tags.clone());
    resource.depends_on = attachments.rules;
    builder.resource(SERVICE, resource);
    builder.output("ServiceName", Value::get_att(SERVICE, "Name"), "The service");
}

/// Returns the Service Connect configuration: every service can call, those with ports can be
/// called by their Compose name.
fn connect(parts: &Parts<'_, '_>, service: &Service, builder: &mut Builder) -> Value {
    let namespace =
        parts.context.platform_output(builder, "NamespaceArn", "String", "The namespace of Service Connect");
    let services = service.internal_ports.iter().map(|internal| {
        let alias = Value::map([
            ("Port", Value::from(internal.port)),
            ("DnsName", Value::from(internal.container.as_str())),
        ]);
        Value::map([
            ("PortName", Value::from(internal.name.as_str())),
            // Unique in the namespace, where port names are not.
            (
                "DiscoveryName",
                Value::from(format!("{}-{}", discovery_part(&internal.container), internal.port)),
            ),
            ("ClientAliases", Value::list([alias])),
        ])
    });
    let services: Vec<Value> = services.collect();
    let services = if services.is_empty() { Value::Null } else { Value::List(services) };
    Value::map([("Enabled", Value::from(true)), ("Namespace", namespace), ("Services", services)])
}
